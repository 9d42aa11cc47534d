"""The platform's memory: releases, what they were made of, what their checks said. SQLAlchemy."""
