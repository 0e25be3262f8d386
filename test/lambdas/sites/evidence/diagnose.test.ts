import { describe, expect, it } from 'vitest'
import type { Observation, ObservedContainer } from '../../../../core/ports/runtime.ts'
import { diagnose } from '../../../../lambdas/sites/evidence/diagnose.ts'
import {
  boundedObservation,
  lastLines,
  redacted,
  withoutRepeatedEnd,
  withoutRepetition,
} from '../../../../lambdas/sites/evidence/evidence.ts'

const running: ObservedContainer = { name: 'web', isRunning: true, ends: 0, lines: [] }
const seen = (container: Partial<ObservedContainer>, rest: Partial<Observation> = {}): Observation => ({
  containers: [{ ...running, ...container }],
  ...rest,
})
const listening = (port: number, isLocal = false) => ({ port: 20_001, listeners: [{ port, isLocal }] })
const ended = (lastEnd: ObservedContainer['lastEnd'], lines: readonly string[] = []) =>
  seen({ isRunning: false, ends: 3, lines, ...(lastEnd === undefined ? {} : { lastEnd }) })
const refused = { failure: 'refused' } as const

describe('the cause of a site that does not start', () => {
  it.each([
    [
      'an exit code',
      ended({ exitCode: 1 }),
      'crash',
      "'web' ended 3 times since its start, the last time with exit code 1.",
    ],
    ['a signal', ended({ signal: 'SIGSEGV' }), 'crash', 'by the signal SIGSEGV'],
    [
      'an exit without an error',
      ended({ exitCode: 0 }),
      'crash',
      'with exit code 0; a program has to stay in the foreground',
    ],
    [
      'an image that ECS cannot pull',
      ended({ reason: 'CannotPullContainerError: not found' }),
      'image',
      "'web': CannotPull",
    ],
    ['an end for memory', ended({ exitCode: 137, isOutOfMemory: true }), 'limit', 'needed more memory'],
    ['a kill', ended({ exitCode: 137, signal: 'SIGKILL' }), 'limit', 'as a rule because it needed more memory'],
    [
      'a heap that is full',
      ended({ signal: 'SIGABRT' }, ['FATAL ERROR: JavaScript heap out of memory']),
      'limit',
      'ran out of memory',
    ],
    [
      'a full disk',
      ended({ exitCode: 1 }, ["Error: ENOSPC: no space left on device, write '/tmp/a'"]),
      'limit',
      'ran out of space',
    ],
    [
      'no more threads',
      ended({ exitCode: 1 }, ["RuntimeError: can't start new thread"]),
      'limit',
      'processes and threads',
    ],
    [
      'a shell that cannot fork',
      ended({ exitCode: 254 }, ['sh: fork: Resource temporarily unavailable']),
      'limit',
      'processes and threads',
    ],
    [
      'a read-only root',
      ended({ exitCode: 1 }, ["OSError: [Errno 30] Read-only file system: '/app/cache'", 'bye']),
      'refused-write',
      "'web' was refused a write to /app/cache",
    ],
    [
      'a file of somebody else',
      ended({ exitCode: 1 }, ["Error: EACCES: permission denied, open '/var/lib/app.db'"]),
      'refused-write',
      'to /var/lib/app.db',
    ],
    [
      'a port of the privileged',
      ended({ exitCode: 1 }, ['Error: listen EACCES: permission denied 0.0.0.0:80']),
      'crash',
      'exit code 1',
    ],
    [
      'a database that cannot be opened',
      ended({ exitCode: 1 }, ['sqlite3.OperationalError: unable to open database file']),
      'refused-write',
      'could not open its database',
    ],
    [
      'a database that cannot be written',
      ended({ exitCode: 1 }, ['SQLITE_READONLY: attempt to write a readonly database']),
      'refused-write',
      'could not open its database',
    ],
    ['no more processes', ended({ exitCode: 1 }, ['/bin/sh: 1: Cannot fork']), 'limit', 'processes and threads'],
    [
      'a product that migrates beside its database',
      { ...listening(5432), containers: [running, { ...running, name: 'db' }] },
      'slow',
      'yet (only 5432)',
    ],
    [
      'another port beside its database',
      {
        port: 20_001,
        listeners: [5432, 3000].map((port) => ({ port, isLocal: false })),
        containers: [running, running],
      },
      'wrong-port',
      'others listen on 5432, 3000.',
    ],
    ['another port', seen({}, listening(3000)), 'wrong-port', 'It listens on 3000 instead of PORT (20001).'],
    [
      'no port',
      seen({}, { port: 20_001, listeners: [] }),
      'slow',
      'It runs, and listens on no port of its own yet. It has to listen on PORT (20001).',
    ],
    [
      'no port, since it was just started again',
      seen({ ends: 1, lastEnd: { exitCode: 1 } }, { port: 20_001, listeners: [] }),
      'crash',
      "'web' ended once since its start",
    ],
    [
      'no port after a set-up that ended well',
      seen({ ends: 1, lastEnd: { exitCode: 0 } }, { port: 20_001, listeners: [] }),
      'slow',
      'listens on no port of its own yet',
    ],
    [
      'no port because of a refused write',
      seen({ lines: ['mkdir: /logs: Read-only file system'] }, { port: 20_001, listeners: [] }),
      'refused-write',
      '/logs',
    ],
    ['the loopback address', seen({}, listening(20_001, true)), 'wrong-port', 'at a loopback address only'],
    ['a platform that cannot tell ports', seen({}, { port: 20_001 }), 'wrong-port', 'Nothing answers on PORT (20001).'],
  ] as const)('%s', (_, observation, cause, detail) => {
    const found = diagnose(observation, refused, { healthPath: '/healthz' })
    expect(found.cause).toBe(cause)
    expect(found.detail).toContain(detail)
  })

  it.each([
    ['404', { status: 404 }, [], 'wrong-health-path', '/healthz answers 404, not 2xx or 3xx.'],
    [
      'a refused host',
      { status: 400 },
      [],
      'wrong-health-path',
      '/healthz answers 400, not 2xx or 3xx. If it has a list of allowed hosts, let it admit all: the check sends an IP address as Host.',
    ],
    ['a redirect', { status: 302, location: '/login' }, [], 'unknown', 'It is healthy: /healthz answers 302.'],
    ['503', { status: 503 }, [], 'slow', '/healthz answers 503.'],
    ['500', { status: 500 }, [], 'server-error', '/healthz answers 500: an error of the product.'],
    [
      '404 beside a harmless refusal',
      { status: 404 },
      ["EACCES: permission denied, open '/etc/x'"],
      'wrong-health-path',
      '404',
    ],
    [
      '500 because of a refused write',
      { status: 500 },
      ["EROFS: read-only file system, open '/app/x'"],
      'refused-write',
      '/app/x',
    ],
    ['200', { status: 200 }, [], 'unknown', 'It is healthy: /healthz answers 200.'],
    ['silence', { failure: 'silent' }, [], 'slow', 'did not answer in time'],
  ] as const)('an answer with %s', (_, answer, lines, cause, detail) => {
    const found = diagnose(seen({ lines }, listening(20_001)), answer, { healthPath: '/healthz' })
    expect(found.cause).toBe(cause)
    expect(found.detail).toContain(detail)
  })

  it('is no crash while a container runs again after its first end', () => {
    const once = seen({ ends: 1, lastEnd: { exitCode: 1 } }, listening(20_001))
    expect(diagnose(once, { status: 404 }, { healthPath: '/' }).cause).toBe('wrong-health-path')
  })

  it('is in the words of the platform if the start failed, and unsure if something was begun', () => {
    const refusal = "'db' was not healthy after 60 s."
    const detail = { cause: 'unknown', detail: refusal }
    expect(diagnose({ containers: [], refusal }, undefined, { healthPath: '/' })).toEqual(detail)
    expect(diagnose({ ...seen({}), refusal }, undefined, { healthPath: '/' })).toEqual({ ...detail, isUnsure: true })
  })

  it('is not known of a site of which nothing is known', () => {
    expect(diagnose(undefined, undefined, { healthPath: '/' }).cause).toBe('unknown')
  })
})

describe('evidence', () => {
  it('leaves out what a server says of each health check, and keeps what the product says between', () => {
    const check = (second: number) => `127.0.0.1 - - [25/Nov/2026 10:00:${second}] "GET /healthz HTTP/1.1" 503 19`
    const said = ['waits for its database', 'cannot connect to 10.0.0.7:5432', 'gives up']
    const lines = [said[0]!, ...Array.from({ length: 300 }, (_, at) => check(at)), said[1]!, check(300), said[2]!]
    expect(withoutRepetition(lines)).toEqual([said[0], check(298), check(299), said[1], check(300), said[2]])
    const few = ['started', check(1), check(2), 'ended']
    expect(withoutRepetition(few)).toEqual(few)
  })

  it('takes no longer for one line as long as a whole log', () => {
    const line = 'a'.repeat(500_000)
    expect(withoutRepetition([line, `${line}1`])).toEqual([line, `${line}1`])
  })

  it('ends with the last of what a program writes again and again, as one does that ends at each start', () => {
    const start = (process: number) => [
      `process ${process} starts`,
      '',
      'Error: no such file',
      '    at open',
      '    at open',
    ]
    const lines = ['migrates', ...start(11), ...start(12), ...start(13)]
    expect(withoutRepeatedEnd(lines)).toEqual([
      'migrates',
      'process 13 starts',
      '',
      'Error: no such file',
      '    at open',
    ])
    expect(withoutRepeatedEnd(['a', 'b', 'a'])).toEqual(['a', 'b', 'a'])
    expect(withoutRepeatedEnd([])).toEqual([])
  })

  it('has no secrets, also where one contains another', () => {
    expect(redacted('a=first-secret-more b=first-secret', ['first-secret', 'first-secret-more'])).toBe('a=… b=…')
    // A platform or an adapter cut the line within the secret.
    expect(redacted('key=first-sec', ['first-secret'])).toBe('key=…')
    expect(redacted('key=first-sec…', ['first-secret'])).toBe('key=…')
    expect(redacted('the first', ['first-secret'])).toBe('the first')
    const [container] = boundedObservation(seen({ lines: ['postgres://app:hunter2-hunter2@db'] }), [
      'hunter2-hunter2',
    ]).containers
    expect(container?.lines).toEqual(['postgres://app:…@db'])
    const refused = boundedObservation({ containers: [], refusal: 'no program hunter2-hunter2' }, ['hunter2-hunter2'])
    expect(refused.refusal).toBe('no program …')
  })

  it('keeps the last lines, cut to a length, within the bytes', () => {
    const lines = Array.from({ length: 300 }, (_, index) => `line ${index}`)
    expect(lastLines(lines)).toEqual(lines.slice(100))
    expect(lastLines(['x'.repeat(5000), 'y'])).toEqual([`${'x'.repeat(2000)}…`, 'y'])
    expect(lastLines(['a'.repeat(60), 'b'.repeat(60)], { lines: 9, bytes: 100, lineLength: 100 })).toEqual([
      'b'.repeat(60),
    ])
  })

  it('of many containers fits one item', () => {
    const many = Array.from({ length: 8 }, () => ({ ...running, lines: Array(200).fill('z'.repeat(2000)) }))
    const bounded = boundedObservation({ containers: many }, [])
    expect(Buffer.byteLength(JSON.stringify(bounded))).toBeLessThan(300_000)
  })
})
