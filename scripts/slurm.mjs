// A Slurm of one node for tests: munged, slurmctld and slurmd of Debian's slurm-wlm, started by this script with files
// of its own in a temporary folder, on ports of its own, and ended by it. Nothing else on the machine is touched.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why no Slurm can be started here, or null. */
export function whyNoSlurm() {
  if (process.platform !== 'linux') return 'Slurm runs on Linux';
  if (process.getuid() !== 0) return 'its daemons are started by root only';
  const path = { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } };
  const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch'].filter(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`], path).status !== 0,
  );
  return missing.length > 0 ? `${missing.join(', ')} not found (Debian: apt-get install slurm-wlm munge)` : null;
}

/** Starts the three daemons and waits until the node is idle. */
export async function startSlurm() {
  const folder = mkdtempSync('/tmp/cover-slurm-');
  const [controller, node] = [await freePort(), await freePort()];
  for (const name of ['munge', 'state', 'spool']) mkdirSync(join(folder, name), { mode: 0o755 });
  chmodSync(folder, 0o755);
  const at = (name) => join(folder, name);
  const host = hostname().split('.')[0];
  writeFileSync(at('munge/key'), randomBytes(128), { mode: 0o400 });
  writeFileSync(
    at('slurm.conf'),
    `ClusterName=cover
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${node}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${at('munge/socket')},cred_expire=3
CredType=cred/munge
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
SlurmctldLogFile=${at('slurmctld.log')}
SlurmdLogFile=${at('slurmd.log')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MpiDefault=none
ReturnToService=2
KillWait=5
MailProg=/bin/true
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} RealMemory=${Math.floor(totalmem() / 2 ** 20) - 100}
PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`,
  );
  const env = { ...process.env, SLURM_CONF: at('slurm.conf'), PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const children = [];
  const start = (command, ...args) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'ignore'] });
    children.push(child);
    child.on('exit', () => (child.ended = true));
    return child;
  };
  /** Ends what was started here, the youngest first, and only that. */
  const stop = async () => {
    spawnSync('scancel', ['--state=RUNNING', '--quiet'], { env, timeout: 5000 });
    spawnSync('scancel', ['--state=PENDING', '--quiet'], { env, timeout: 5000 });
    await sleep(1000);
    for (const child of children.reverse()) {
      if (!child.ended) child.kill('SIGTERM');
      for (let wait = 0; wait < 100 && !child.ended; wait++) await sleep(100);
      if (!child.ended) child.kill('SIGKILL');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    start(
      ...['munged', '--foreground', '--force', '--num-threads=2'],
      ...[`--socket=${at('munge/socket')}`, `--key-file=${at('munge/key')}`, `--pid-file=${at('munge/pid')}`],
      ...[`--log-file=${at('munge/log')}`, `--seed-file=${at('munge/seed')}`],
    );
    await sleep(500);
    start('slurmctld', '-D', '-f', at('slurm.conf'));
    start('slurmd', '-D', '-f', at('slurm.conf'), '-N', host);
    for (let wait = 0; ; wait++) {
      const { stdout } = spawnSync('sinfo', ['--noheader', '--format=%t'], { env, encoding: 'utf8', timeout: 5000 });
      if (stdout?.trim() === 'idle') break;
      if (wait === 60) {
        const log = (name) => readFileSync(at(name), 'utf8').split('\n').slice(-15).join('\n');
        throw new Error(`the node is "${stdout}" after 30 s\n${log('slurmctld.log')}\n${log('slurmd.log')}`);
      }
      await sleep(500);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, folder, stop };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
