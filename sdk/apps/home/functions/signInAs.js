// The right password signs in as the given user.
exports = async function signInAs({ name, word }) {
  if (word !== "sesame") {
    throw new Error("wrong word");
  }
  return name;
};
