// Whoever knows the answer gets a new password at once, or by the token that was written down.
exports = async function reset({ username, password, token, tokenId, currentPasswordValid }, answer, how) {
  await context.services.get("mongodb-atlas").db("members").collection("log")
    .insertOne({ username, what: "reset", token, tokenId, currentPasswordValid, length: password.length });
  if (answer !== 42) {
    return { status: "fail" };
  }
  return { status: how };
};
