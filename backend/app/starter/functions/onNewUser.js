// Runs as system when somebody has signed in for the first time: rules do not hold it back, so it may set what people may not.
exports = async function onNewUser(event) {
  const people = context.services.get("mongodb-atlas").db("app").collection("custom_user_data");
  const plan = context.values.get("firstPlan");
  await people.updateOne({ userId: event.user.id }, { $setOnInsert: { plan } }, { upsert: true });
};
