#!/usr/bin/env node
// An executor for tests: plain JSON, no library. Orders come as framework messages: {"send":{…}}, {"exit":n}, {"config":{…}}.
/* eslint-disable @typescript-eslint/no-require-imports -- it runs alone in a sandbox, where nothing says that .js is a module */
const { request } = require('node:http');
const { randomBytes } = require('node:crypto');
const { writeFileSync, readFileSync, readdirSync, appendFileSync } = require('node:fs');

const env = process.env;
const config = {
  killMs: 20,
  ignoreShutdown: false,
  startDelayMs: 0,
  reconnectMs: 100,
  onLaunch: [{ send: { state: 'TASK_RUNNING' } }],
  ...JSON.parse(env.TEST_EXECUTOR ?? '{}'),
};
const [ip, port] = env.MESOS_AGENT_ENDPOINT.split(':');
const identity = {
  framework_id: { value: env.MESOS_FRAMEWORK_ID },
  executor_id: { value: env.MESOS_EXECUTOR_ID },
};
const unacknowledged = new Map();
const tasks = new Map();
let exitWhenAcknowledged;

const uuid = () => {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return bytes.toString('base64');
};

function post(call, onResponse, onError = () => {}) {
  const body = JSON.stringify({ ...identity, ...call });
  const headers = {
    'Content-Type': 'application/json',
    Accept: 'application/json',
    'Content-Length': Buffer.byteLength(body),
  };
  const sent = request(
    { host: ip, port, path: '/api/v1/executor', method: 'POST', headers, agent: false },
    onResponse,
  );
  sent.on('error', onError);
  sent.end(body);
}

function send(status) {
  const { task, ...rest } = status;
  const taskId = task ?? [...tasks.keys()].at(-1);
  const full = {
    task_id: { value: taskId },
    executor_id: identity.executor_id,
    source: 'SOURCE_EXECUTOR',
    timestamp: Date.now() / 1000,
    uuid: uuid(),
    ...rest,
  };
  unacknowledged.set(full.uuid, full);
  post({ type: 'UPDATE', update: { status: full } }, (response) => response.resume());
  return full.uuid;
}

function obey(order) {
  if (order.config) Object.assign(config, order.config);
  if (order.send) send(order.send);
  if (order.message)
    post({ type: 'MESSAGE', message: { data: Buffer.from(order.message).toString('base64') } }, (r) =>
      r.resume(),
    );
  if (order.write) writeFileSync(order.write[0], order.write[1]);
  if (order.read) obey({ message: tryRead(order.read) });
  if (order.ls) obey({ message: JSON.stringify(readdirSync(order.ls).sort()) });
  if (order.environment)
    obey({ message: JSON.stringify({ ...env, cwd: process.cwd(), uid: process.getuid() }) });
  if (order.exit !== undefined) setTimeout(() => process.exit(order.exit), 30);
  if (order.crash) process.kill(process.pid, 'SIGKILL');
}

function tryRead(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return error.code;
  }
}

function event({ type, launch, kill, message, acknowledged }) {
  if (type === 'LAUNCH') {
    tasks.set(launch.task.task_id.value, launch.task);
    for (const order of config.onLaunch) obey(order);
  } else if (type === 'ACKNOWLEDGED') {
    unacknowledged.delete(acknowledged.uuid);
    if (acknowledged.uuid === exitWhenAcknowledged) process.exit(0);
  } else if (type === 'KILL') {
    const task = kill.task_id.value;
    send({ task, state: 'TASK_KILLING' });
    setTimeout(
      () => (exitWhenAcknowledged = send({ task, state: 'TASK_KILLED', message: 'killed as asked' })),
      config.killMs,
    );
  } else if (type === 'MESSAGE') {
    obey(JSON.parse(Buffer.from(message.data, 'base64').toString()));
  } else if (type === 'SHUTDOWN' && !config.ignoreShutdown) {
    for (const task of tasks.keys()) send({ task, state: 'TASK_KILLED', message: 'executor shut down' });
    setTimeout(() => process.exit(0), 50);
  }
}

function subscribe() {
  const again = () => setTimeout(subscribe, config.reconnectMs);
  const updates = [...unacknowledged.values()].map((status) => ({ status }));
  post(
    { type: 'SUBSCRIBE', subscribe: { unacknowledged_tasks: [], unacknowledged_updates: updates } },
    (response) => {
      appendFileSync('subscriptions', `${response.statusCode}\n`);
      if (response.statusCode === 400) process.exit(4);
      if (response.statusCode !== 200) return response.resume().on('end', again);
      let text = Buffer.alloc(0);
      response.on('data', (chunk) => {
        text = Buffer.concat([text, chunk]);
        for (;;) {
          const end = text.indexOf(10);
          const length = Number(text.subarray(0, end));
          if (end < 0 || text.length < end + 1 + length) return;
          event(JSON.parse(text.subarray(end + 1, end + 1 + length).toString()));
          text = text.subarray(end + 1 + length);
        }
      });
      response.on('close', again);
    },
    again,
  );
}

if (config.ignoreSignals) process.on('SIGTERM', () => {});
setTimeout(subscribe, config.startDelayMs);
