import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../core/evidence/diagnose.ts'
import { boundedObservation, lastLines, redacted } from '../../../core/evidence/evidence.ts'
import type { Observation, ObservedContainer } from '../../../core/ports/runtime.ts'

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
    ['another port', seen({}, listening(3000)), 'wrong-port', 'It listens on 3000 instead of PORT (20001).'],
    [
      'no port',
      seen({}, { port: 20_001, listeners: [] }),
      'wrong-port',
      'It listens on no port. It has to listen on PORT (20001).',
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
      'wrong-port',
      'It listens on no port.',
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
    const found = diagnose(observation, refused, '/healthz')
    expect(found.cause).toBe(cause)
    expect(found.detail).toContain(detail)
  })

  it.each([
    ['404', { status: 404 }, [], 'wrong-health-path', '/healthz answers 404, not a 2xx status.'],
    ['a redirect', { status: 302, location: '/login' }, [], 'wrong-health-path', 'answers 302 and redirects to /login'],
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
    ['silence', { failure: 'silent' }, [], 'unknown', 'did not answer in time'],
  ] as const)('an answer with %s', (_, answer, lines, cause, detail) => {
    const found = diagnose(seen({ lines }, listening(20_001)), answer, '/healthz')
    expect(found.cause).toBe(cause)
    expect(found.detail).toContain(detail)
  })

  it('is no crash while a container runs again after its first end', () => {
    const once = seen({ ends: 1, lastEnd: { exitCode: 1 } }, listening(20_001))
    expect(diagnose(once, { status: 404 }, '/').cause).toBe('wrong-health-path')
  })

  it('is in the words of the platform if the start failed, and unsure if something was begun', () => {
    const refusal = "'db' was not healthy after 60 s."
    const detail = { cause: 'unknown', detail: refusal }
    expect(diagnose({ containers: [], refusal }, undefined, '/')).toEqual(detail)
    expect(diagnose({ ...seen({}), refusal }, undefined, '/')).toEqual({ ...detail, isUnsure: true })
  })

  it('is not known of a site of which nothing is known', () => {
    expect(diagnose(undefined, undefined, '/').cause).toBe('unknown')
  })
})

describe('evidence', () => {
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
