"""The rules of the mesh as code: policies, what they measured, dated exceptions to them; pure."""
