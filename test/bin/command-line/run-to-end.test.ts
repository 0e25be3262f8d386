import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'vitest'
import { unlessEnding } from '../../../bin/command-line/run-to-end.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'
import { waitFor } from '../../support/wait-for.ts'

const program = resolve(import.meta.dirname, '../../../bin/command-line/run-to-end.ts')

/** Whether a process exists and has not ended. */
const isAlive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/\) [ZX] /.test(stat)
}

/**
 * Runs a command whose work this is, and waits until its child has ended too. The child ends by SIGKILL alone, holds the process open, and prints `ready`.
 * @param signals are sent one by one, each when the command has printed a line more.
 */
const run = async (work: string, options: object, ...signals: readonly NodeJS.Signals[]) => {
  const file = join(directory, `${Math.random()}.mts`)
  await writeFile(
    file,
    `import { spawn } from 'node:child_process'
     import { setTimeout as pause } from 'node:timers/promises'
     import { endWithCommand, noteFailure, runToEnd, unlessEnding } from ${JSON.stringify(program)}
     const held = "process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); setInterval(() => {}, 1000); console.log('held')"
     const child = spawn(process.execPath, ['-e', held], { stdio: ['ignore', 'pipe', 'ignore'] })
     endWithCommand(() => child.kill('SIGKILL'))
     child.stdout.once('data', () => console.log('child', child.pid))
     setInterval(() => {}, 1000)
     await runToEnd(async (signal) => {
       await new Promise((resolve) => child.stdout.once('data', resolve))
       const never = new Promise(() => {})
       ${work}
     }, ${JSON.stringify(options)})`,
  )
  const command = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(command, 'close')
  let output = ''
  let complaints = ''
  const left = [...signals]
  command.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    for (const _ of text.match(/^ready|^again/gm) ?? []) {
      const signal = left.shift()
      if (signal !== undefined) command.kill(signal)
    }
  })
  command.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  await ended
  const pid = Number(/child (\d+)/.exec(output)?.[1])
  // SIGKILL takes effect a moment after `kill` returns.
  if (pid > 0) await waitFor(async () => !(await isAlive(pid)))
  return { code: command.exitCode, hadChild: pid > 0, output, complaints }
}

const long = { patience: 600_000 }
const short = { patience: 50 }
const ready = "console.log('ready')"

const directory = await directoryForAll()

describe.concurrent('a command', () => {
  it.for<[string, string, object, NodeJS.Signals[], number]>([
    ['has done its work, whatever is still open', 'return 0', long, [], 0],
    ['has failed', 'return 2', long, [], 2],
    ['is told to end, and has nothing to clean up', `${ready}; await never`, long, ['SIGTERM'], 143],
    ['is interrupted, and has nothing to clean up', `${ready}; await never`, long, ['SIGINT'], 130],
    ['loses its terminal', `${ready}; await never`, long, ['SIGHUP'], 129],
    [
      'has cleaned up after its terminal was closed',
      `${ready}; await unlessEnding(signal, never).catch(() => console.log('cleaned up')); return 0`,
      { ...long, cleansUp: true },
      ['SIGHUP'],
      129,
    ],
    [
      'has cleaned up',
      `${ready}; await unlessEnding(signal, never).catch(() => console.log('cleaned up')); return 0`,
      { ...long, cleansUp: true },
      ['SIGTERM'],
      143,
    ],
    [
      'is told twice while it cleans up',
      `signal.addEventListener('abort', () => console.log('again')); ${ready}; await never`,
      { ...long, cleansUp: true },
      ['SIGINT', 'SIGINT'],
      130,
    ],
    [
      'has cleaned up after its terminal was closed',
      `signal.addEventListener('abort', () => console.log('again')); ${ready}
       await unlessEnding(signal, never).catch(() => pause(500)); console.log('cleaned up'); return 0`,
      { ...long, cleansUp: true },
      ['SIGHUP', 'SIGHUP'],
      129,
    ],
    ['does not clean up in time', `${ready}; await never`, { ...short, cleansUp: true }, ['SIGTERM'], 143],
    [
      'does not clean up in time after a failure',
      'noteFailure(new Error("no luck")); await never',
      { ...short, cleansUp: true },
      [],
      1,
    ],
  ])('ends with its child once it %s', async ([, work, options, signals, code], { expect }) => {
    const ended = await run(work, options, ...signals)
    expect(ended).toMatchObject({ code, hadChild: true })
    if (work.includes('cleaned up')) expect(ended.output).toContain('cleaned up')
    const why = work.includes('no luck') ? 'no luck\n' : ''
    expect(ended.complaints).toBe(
      'patience' in options && options.patience === 50
        ? `${why}It does not end within 0.05 s. Ending it now, with what it started.\n`
        : '',
    )
  })
})

it('has ten seconds to clean up unless it says otherwise', async ({ expect }) => {
  // The command's clock is ahead: nobody waits for them.
  const ahead = 'globalThis.setTimeout = (end, delay) => { console.log(`waits ${delay} ms`); return setImmediate(end) }'
  const { output, complaints } = await run(`${ahead}; ${ready}; await never`, { cleansUp: true }, 'SIGTERM')
  expect(output).toContain('waits 10000 ms')
  expect(complaints).toBe('It does not end within 10 s. Ending it now, with what it started.\n')
})

it.for([
  ['at once', {}],
  ['and cleans up', { cleansUp: true }],
] as const)('ends %s, without a word, once nobody reads what it prints', async ([, options], { expect }) => {
  const file = join(directory, `${Math.random()}.mts`)
  const ends = join(directory, `${Math.random()}`)
  await writeFile(
    file,
    `import { writeFileSync } from 'node:fs'
     import { endWithCommand, runToEnd } from ${JSON.stringify(program)}
     endWithCommand(() => writeFileSync(${JSON.stringify(ends)}, 'ended'))
     setInterval(() => console.log('a line'), 1)
     await runToEnd(async (signal) => {
       await new Promise((resolve) => signal.addEventListener('abort', resolve))
       return 0
     }, ${JSON.stringify(options)})`,
  )
  const shell = spawn('bash', ['-c', '"$0" "$1" | head -n 1; echo "${PIPESTATUS[0]}"', process.execPath, file])
  const [output, complaints] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')])
  expect([output, complaints]).toEqual(['a line\n141\n', ''])
  expect(await readFile(ends, 'utf8')).toBe('ended')
})

it.for(['stdout', 'stderr'] as const)(
  'goes on, and cleans up, where %s is on a full disk',
  async (name, { expect }) => {
    const file = join(directory, `${Math.random()}.mts`)
    const secret = join(directory, `${Math.random()}`)
    await writeFile(
      file,
      `import { writeFileSync } from 'node:fs'
     import { setTimeout } from 'node:timers/promises'
     import { runToEnd, temporaryPaths } from ${JSON.stringify(program)}
     await runToEnd(async () => {
       await using _ = temporaryPaths(${JSON.stringify(secret)})
       writeFileSync(${JSON.stringify(secret)}, 'a password')
       console.log('a line')
       console.error('a line')
       await setTimeout(1)
       console.log('done')
       console.error('done')
       return 0
     }, { cleansUp: true })`,
    )
    const redirect = name === 'stdout' ? '2>&1 >/dev/full' : '2>/dev/full'
    const shell = spawn('bash', ['-c', `"$0" "$1" ${redirect}; echo $?`, process.execPath, file])
    const [output] = await Promise.all([text(shell.stdout), once(shell, 'close')])
    const why = name === 'stdout' ? 'What it printed is not complete: ENOSPC: no space left on device, write.\n' : ''
    expect(output).toBe(`a line\ndone\n${why}1\n`)
    await expect(readFile(secret)).rejects.toThrow('ENOENT')
  },
)

describe('work', () => {
  it('has its result, and ends with the signal', async ({ expect }) => {
    const { signal } = new AbortController()
    expect(await unlessEnding(signal, Promise.resolve(1))).toBe(1)
    await expect(unlessEnding(signal, Promise.reject(new Error('wrong')))).rejects.toThrow('wrong')
    const ended = AbortSignal.abort(new Error('told to end'))
    await expect(unlessEnding(ended, new Promise(() => undefined))).rejects.toThrow('told to end')
  })
})
