exports = function echo(...args) {
  return args.length === 1 ? args[0] : args;
};
