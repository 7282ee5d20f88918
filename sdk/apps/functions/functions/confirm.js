// Confirms friends at once; for other users the address determines the result. Stores every request.
exports = async function confirm({ username, token, tokenId }) {
  const log = context.services.get("mongodb-atlas").db("members").collection("log");
  const asked = await log.count({ username, what: "confirm" });
  await log.insertOne({ username, what: "confirm", token, tokenId });
  if (username.startsWith("friend")) {
    return { status: "success" };
  }
  if (username.startsWith("later")) {
    return { status: asked > 0 ? "success" : "pending" };
  }
  return { status: username.startsWith("wait") ? "pending" : "fail" };
};
