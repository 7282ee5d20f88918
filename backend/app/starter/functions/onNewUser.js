// Runs as system after a user signs in for the first time. Rules do not apply, so it can set fields that users cannot.
exports = async function onNewUser(event) {
  const users = context.services.get("mongodb-atlas").db("app").collection("custom_user_data");
  const plan = context.values.get("firstPlan");
  await users.updateOne({ userId: event.user.id }, { $setOnInsert: { plan } }, { upsert: true });
};
