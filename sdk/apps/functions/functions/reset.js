// The right answer resets the password at once, or with the stored token.
exports = async function reset({ username, password, token, tokenId, currentPasswordValid }, answer, how) {
  await context.services.get("mongodb-atlas").db("members").collection("log")
    .insertOne({ username, what: "reset", token, tokenId, currentPasswordValid, length: password.length });
  if (answer !== 42) {
    return { status: "fail" };
  }
  return { status: how };
};
