// The commands that a bank has recorded, as they were fixed at ingress: what a replay feeds in.
import type { Command } from '#core';
import { recordedCommands as read } from '#replay';
import type pg from 'pg';

/** In the order in which they were serialized. What was committed must be sealed. */
export async function recordedCommands(superuser: pg.Pool): Promise<Command[]> {
  const client = await superuser.connect();
  try {
    return await read(client);
  } finally {
    client.release();
  }
}
