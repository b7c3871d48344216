"""Stand-ins for the 360dialog service on real sockets: a model of its rules, and every way of answering badly."""
