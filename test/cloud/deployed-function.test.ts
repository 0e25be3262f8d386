import { afterEach, describe, expect, it, vi } from 'vitest'
import * as capabilities from '../../cloud/capabilities.ts'
import { type CloudContext, createContext, openerOfTables } from '../../cloud/context.ts'
import { deployedFunction } from '../../cloud/deployed-function.ts'
import { defineFunction } from '../../lambdas/_runtime/define-function.ts'
import type { PlatformPorts } from '../../lambdas/_runtime/ports.ts'
import { tableAccess } from '../../lambdas/manifest.ts'
import { openerOf } from '../../lib/bundles.ts'
import { lambdaContext } from '../../local/loaded-function.ts'

const context = lambdaContext('a-function', 10)
const call = (detail: string) => ({ id: 'e1', 'detail-type': 'Scheduled Event', detail })

afterEach(() => {
  vi.unstubAllEnvs()
})

const given = (): void => {
  vi.stubEnv('STAGE', 'production')
  vi.stubEnv('LOG_LEVEL', 'error')
  vi.stubEnv('TABLES', 'sitewright-test')
  vi.stubEnv('EVENT_BUS', 'a-bus')
  vi.stubEnv('UNPUBLISHED_QUEUE', 'https://sqs.eu-central-1.amazonaws.com/1/unpublished')
}

let ran: string[] = []
interface GivenPorts {
  readonly bus: unknown
}

const definition = defineFunction({
  name: 'a-function',
  triggers: [
    {
      everyMinutes: 1,
      run: async () => async (ports: GivenPorts) => {
        ran.push(JSON.stringify(ports.bus))
        if (ran.length === 2) throw new Error('bad call')
        return ran.length
      },
    },
  ],
  uses: ['bus:publish'],
  timeout: 10,
  alarm: { feels: 'Nothing.', tolerated: 0 },
})

const open = (makeBus: (context: CloudContext) => unknown) => async (made: CloudContext) =>
  ({ bus: makeBus(made) }) as unknown as PlatformPorts['bus:publish']

describe('a deployed function', () => {
  it('makes its ports on its first call, once', async () => {
    given()
    ran = []
    let made = 0
    const handler = await deployedFunction(definition, [
      open(({ variable }) => {
        made += 1
        return variable('EVENT_BUS')
      }),
    ])
    expect(made).toBe(0)
    expect(await handler(call('a'), context)).toBe(1)
    await expect(handler(call('bad'), context)).rejects.toThrow('bad call')
    expect(await handler(call('b'), context)).toBe(3)
    expect([made, ran]).toEqual([1, ['"a-bus"', '"a-bus"', '"a-bus"']])
  })

  it('names what is missing or wrong in its environment, and not the values', async () => {
    vi.stubEnv('LOG_LEVEL', 'hush')
    const handler = await deployedFunction(definition, [open(() => 'bus')])
    const message = await handler(call('a'), context).catch(String)
    expect(message).toMatch(/STAGE: .*; LOG_LEVEL: .*; EVENT_BUS: /)
    expect(message).not.toContain('hush')
  })

  it('has no variable that none of its capabilities needs', async () => {
    given()
    const handler = await deployedFunction(definition, [open(({ variable }) => variable('TABLES'))])
    await expect(handler(call('a'), context)).rejects.toThrow('this function has no variable TABLES')
  })

  it('tries again after its ports could not be made', async () => {
    given()
    ran = []
    let tries = 0
    const handler = await deployedFunction(definition, [
      open(() => {
        tries += 1
        if (tries === 1) throw new Error('no secret yet')
        return 'bus'
      }),
    ])
    await expect(handler(call('a'), context)).rejects.toThrow('no secret yet')
    expect(await handler(call('a'), context)).toBe(1)
  })
})

type Parts<Text extends string, Mark extends string> = Text extends `${infer Head}${Mark}${infer Tail}`
  ? `${Head}${Capitalize<Parts<Tail, Mark>>}`
  : Text
type Camel<Text extends string> = Parts<Parts<Text, ':'>, '-'>
type Expected = {
  readonly [Name in keyof PlatformPorts as Camel<Name>]: (
    context: CloudContext,
  ) => PlatformPorts[Name] | Promise<PlatformPorts[Name]>
}

it('every capability that is not on the tables alone has its opener, under the name that bundles import', () => {
  const openers: Expected = capabilities
  expect(openerOf('signup-mails:send')).toBe('signupMailsSend')
  expect(openers.signupMailsSend).toBeTypeOf('function')
})

describe('the ports on the tables', () => {
  const context = () => {
    given()
    return createContext({ STAGE: 'production', LOG_LEVEL: 'error', TABLES: 'sitewright-test' })
  }
  const methodsOf = async (port: string, ...uses: readonly string[]) => {
    const opened = await openerOfTables(uses.map((use) => tableAccess.get(use)!))(context())
    return Object.keys(opened[port] ?? {})
  }

  it.each([
    ['sessions:read', 'sessions'],
    ['operators:verify', 'operatorSessions'],
  ])('of %s have nothing to note the use of %s with, which its functions may not do', async (use, port) => {
    expect(await methodsOf(port, use)).toEqual(['find'])
  })

  it('have what all capabilities of a function give', async () => {
    const both = await methodsOf('operatorSessions', 'operator-sessions:use', 'operators:verify')
    expect(both.toSorted()).toEqual(['find', 'listOf', 'noteUse'])
  })
})
