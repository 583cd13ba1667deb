// Backup and restore through real folders and databases: what comes back is what was there, and no
// log that lost a signed tail goes on under its old name.
import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openPlanes } from '#main';
import { checkJournal } from '#money';
import pg from 'pg';
import { type Bank, move, openBank, openShop, tenantOf } from '../../test/bank.ts';
import { testDatabase } from '../../test/database.ts';
import { backupDatabase, restoreDatabase } from './backup.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Heads, logOrigin, temporaryHeads } from './heads.ts';
import { temporaryKeyring } from './keyring.ts';
import { parseCheckpoint } from './note.ts';
import { seededRandom } from './random.ts';
import { startSealer } from './sealer.ts';
import { verifyLog } from './verify.ts';
