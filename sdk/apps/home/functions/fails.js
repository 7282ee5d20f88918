exports = function fails(how) {
  if (how === "value") {
    throw "just a text";
  }
  throw new TypeError("boom");
};
