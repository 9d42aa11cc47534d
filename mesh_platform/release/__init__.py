"""The life of a release: resolve, mount, build, stage, verify, publish, record."""
