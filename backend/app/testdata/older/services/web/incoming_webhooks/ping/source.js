exports = function() { return "pong"; };
