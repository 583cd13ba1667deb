import { seededRandom, systemClock } from '#core';
import { createLoadClient } from './load-client.ts';
import { runTraffic } from './run-traffic.ts';
import { bankDay } from './bank-day.ts';
const client = createLoadClient({ url: 'http://127.0.0.1:7999', apiKey: 'x', connections: 48, deadlineMs: 60_000, random: seededRandom(1) });
const c = process.cpuUsage();
const r = await runTraffic({ client, traffic: bankDay({ seed: 42, customers: 2000, transactions: 40000, day: '2026-11-20' }), concurrency: 48, duplicates: 0.02, collisions: 0, random: seededRandom(2), clock: systemClock() });
console.log(r.posted, r.elapsedMs, r.operationsPerSecond, r.latency, process.cpuUsage(c), process.memoryUsage().rss / 1e6);
await client.close();
