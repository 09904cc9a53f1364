// Makes, joins, answers and refuses calls with Microsoft's JavaScript client. The argument is an
// object with what to do it with; printed is what came back, as one object.
import { AzureKeyCredential } from "@azure/core-auth";
import {
  CallAutomationClient,
  StreamingData,
  parseCallAutomationEvent,
} from "@azure/communication-call-automation";

const told = JSON.parse(process.argv[2]);
const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
const client = new CallAutomationClient(told.endpoint, new AzureKeyCredential(told.key), options);
const caller = { phoneNumber: told.caller };
const callee = { phoneNumber: told.callee };
const user = { communicationUserId: told.user };
const setup = {
  operationContext: "from JavaScript",
  callIntelligenceOptions: { cognitiveServicesEndpoint: "https://speech.localhost/" },
  transcriptionOptions: {
    locale: "en-US",
    transportType: "websocket",
    transportUrl: told.streamUrl,
    startTranscription: false,
    enableIntermediateResults: false,
    speechModelEndpointId: told.model,
  },
};

const found = {};

async function until(condition) {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${condition}`);
}

const isUp = async (connection) =>
  (await connection.getCallConnectionProperties()).callConnectionState === "connected";

const runs = (connection, state) => async () =>
  (await connection.getCallConnectionProperties()).transcriptionSubscription.state === state;

async function refusal(work) {
  try {
    await work();
    return null;
  } catch (problem) {
    return [problem.statusCode, problem.code];
  }
}

async function transcribe(connection) {
  const media = connection.getCallMedia();
  await media.startTranscription({ locale: "en-US", speechModelEndpointId: told.model });
  await until(runs(connection, "active"));
  await media.updateTranscription("de-DE");
  await until(async () => {
    const { transcriptionSubscription } = await connection.getCallConnectionProperties();
    return transcriptionSubscription.locale === "de-DE";
  });
  await media.stopTranscription();
  await until(runs(connection, "inactive"));
}

const invite = { targetParticipant: callee, sourceCallIdNumber: caller, sourceDisplayName: "Ada" };
const placed = await client.createCall(invite, told.callbackUrl, setup);
found.placed = placed.callConnectionProperties;
await until(() => isUp(placed.callConnection));
found.listed = (await placed.callConnection.listParticipants()).values;
found.one = await placed.callConnection.getParticipant(callee);
await transcribe(placed.callConnection);
await placed.callConnection.hangUp(true);
found.gone = await refusal(() => placed.callConnection.getCallConnectionProperties());

const group = await client.createGroupCall([callee, user], told.callbackUrl, {
  ...setup,
  sourceCallIdNumber: caller,
});
await until(async () => (await group.callConnection.listParticipants()).values?.length === 3);
await group.callConnection.hangUp(false);

found.joined = [];
for (const locator of told.locators) {
  const joined = await client.connectCall(locator, told.callbackUrl, setup);
  await until(() => isUp(joined.callConnection));
  found.joined.push(joined.callConnectionProperties.serverCallId);
  await joined.callConnection.hangUp(false);
}

await client.rejectCall(told.contexts[0], { callRejectReason: "busy" });
const answered = await client.answerCall(told.contexts[1], told.callbackUrl, setup);
found.answered = answered.callConnectionProperties.answeredFor;

const agent = { phoneNumber: told.agent };
const several = (await client.createCall(invite, told.callbackUrl, setup)).callConnection;
await until(() => isUp(several));
const has = (count) => async () => (await several.listParticipants()).values?.length === count;
const invited = { targetParticipant: agent, sourceCallIdNumber: caller };
const customCallingContext = [{ kind: "voip", key: "order", value: "4711" }];
found.added = await several.addParticipant(
  { ...invited, customCallingContext },
  { invitationTimeoutInSeconds: 20, operationContext: "added" },
);
await until(has(3));
found.cancelled = await several.cancelAddParticipantOperation(found.added.invitationId);
const media = several.getCallMedia();
const sound = { kind: "fileSource", url: "https://sounds.localhost/hello.wav?seconds=0.01" };
const voice = { kind: "textSource", text: "Hello.", voiceName: "en-US-NancyNeural" };
await media.playToAll([sound, voice], { loop: true, operationContext: "played" });
await media.playToAll([sound], { interruptCallMediaOperation: true });
await media.play([sound], [callee]);
await media.cancelAllOperations();
await media.startContinuousDtmfRecognition(callee, { operationContext: "all keys" });
await media.stopContinuousDtmfRecognition(callee);
await media.startRecognizing(callee, {
  kind: "callMediaRecognizeDtmfOptions",
  maxTonesToCollect: 1,
  initialSilenceTimeoutInSeconds: 1,
  playPrompt: voice,
});
found.incompatible = await refusal(() => media.play([sound], [callee]));
found.removed = await several.removeParticipant(agent, { operationContext: "removed" });
await until(has(2));
found.transferred = await several.transferCallToParticipant(user, { operationContext: "on" });
await until(async () => (await refusal(() => several.getCallConnectionProperties()))?.[0] === 404);

const withoutNumber = { targetParticipant: callee };
found.withoutNumber = await refusal(() => client.createCall(withoutNumber, told.callbackUrl));
found.again = await refusal(() => client.rejectCall(told.contexts[0]));
found.redirected = await refusal(() => client.redirectCall(told.contexts[1], invite));

found.events = told.events.map((event) => parseCallAutomationEvent(event).kind);
found.frames = told.frames.map((frame) => StreamingData.parse(frame).resultState ?? "metadata");
process.stdout.write(JSON.stringify(found));
