"""What those who run the installation see and do. Support sees all of it but money."""
