"""Messages, wire models, endpoints, errors and clocks that every room shares."""
