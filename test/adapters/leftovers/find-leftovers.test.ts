import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { findLeftovers, killLeftover, leftoverMarks, startTimeOf } from '../../../adapters/leftovers/find-leftovers.ts'
import { canTestOnLinux } from '../../support/can-test.ts'

const children: ChildProcess[] = []

/** Prints a line once its signal handlers stand. */
const startChild = async (
  environment: Record<string, string>,
  script = '',
): Promise<ChildProcess & { pid: number }> => {
  const child = spawn(process.execPath, ['-e', `${script};console.log('up');setInterval(()=>{},1000)`], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout!, 'data')
  return child as ChildProcess & { pid: number }
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

describe.runIf(canTestOnLinux('finding leftovers'))('leftovers', () => {
  it('are found by home and role, with their environment', async () => {
    const [home, otherHome] = [randomUUID(), randomUUID()]
    const [site, engine, other] = await Promise.all([
      startChild({ ...leftoverMarks(home, 'site'), PORT: '31000' }),
      startChild(leftoverMarks(home, 'engine')),
      startChild(leftoverMarks(otherHome, 'site')),
    ])
    const found = await findLeftovers(home, 'site')
    expect(found.map(({ pid }) => pid)).toEqual([site.pid])
    expect(found[0]?.environment['PORT']).toBe('31000')
    expect((await findLeftovers(home, 'engine')).map(({ pid }) => pid)).toEqual([engine.pid])
    expect((await findLeftovers(otherHome, 'site')).map(({ pid }) => pid)).toEqual([other.pid])
  })

  it('exclude those of a home whose id only begins the same', async () => {
    const home = randomUUID()
    await startChild(leftoverMarks(`${home}0`, 'site'))
    expect(await findLeftovers(home, 'site')).toEqual([])
  })

  it('are found where more processes run than files may be open', async () => {
    const home = randomUUID()
    const script = `for i in $(seq 80); do sleep 60 & done; echo up; wait`
    const many = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
    children.push(many)
    await once(many.stdout, 'data')
    const { pid } = await startChild(leftoverMarks(home, 'site'))
    const module = JSON.stringify(new URL('../../../adapters/leftovers/find-leftovers.ts', import.meta.url).href)
    const find = `const { findLeftovers } = await import(${module})
      console.log((await findLeftovers('${home}', 'site')).map(({ pid }) => pid).join())`
    try {
      const limited = ['-c', 'ulimit -n 64 && exec "$0" --input-type=module -e "$1"', process.execPath, find]
      const { stdout } = await promisify(execFile)('sh', limited)
      expect(stdout.trim()).toBe(String(pid))
    } finally {
      process.kill(-many.pid!, 'SIGKILL')
    }
  })

  it('end when they are killed, even if they ignore SIGTERM', async () => {
    const home = randomUUID()
    await startChild(leftoverMarks(home, 'site'), "process.on('SIGTERM',()=>{})")
    for (const leftover of await findLeftovers(home, 'site')) await killLeftover(leftover, { graceMilliseconds: 50 })
    expect(await findLeftovers(home, 'site')).toEqual([])
  })

  it('are left alone where the pid belongs to a process of another start time', async () => {
    const { pid } = await startChild({})
    const startTime = await startTimeOf(pid)
    await killLeftover({ pid, startTime: '1' }, { graceMilliseconds: 0 })
    expect(startTime).toBeDefined()
    expect(await startTimeOf(pid)).toBe(startTime)
  })

  it('may have ended before they are killed', async () => {
    const child = await startChild({})
    const startTime = (await startTimeOf(child.pid)) ?? ''
    child.kill('SIGKILL')
    await once(child, 'exit')
    await killLeftover({ pid: child.pid, startTime })
    expect(await startTimeOf(child.pid)).toBeUndefined()
  })
})
