"""What a change would do, worked out from texts alone; pure: no file, no engine, no clock."""
