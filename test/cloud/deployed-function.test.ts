import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { deployedFunction } from '../../cloud/deployed-function.ts'
import { lambdaContext } from '../../local/lambda-context.ts'

const context = lambdaContext('a-function', 10)
const environment = z.object({ TABLES: z.string(), COUNT: z.coerce.number() })

afterEach(() => {
  vi.unstubAllEnvs()
})

const given = (): void => {
  vi.stubEnv('TABLES', 'sitewright-test')
  vi.stubEnv('COUNT', '3')
}

describe('a deployed function', () => {
  it('does nothing until it is called, and is made once', async () => {
    given()
    let made = 0
    const handler = deployedFunction(environment, async ({ TABLES, COUNT }) => {
      made += 1
      return async (event: string) => `${event} ${TABLES} ${COUNT}`
    })
    expect(made).toBe(0)
    expect(await Promise.all([handler('a', context), handler('b', context)])).toEqual([
      'a sitewright-test 3',
      'b sitewright-test 3',
    ])
    expect(made).toBe(1)
  })

  it('names what is missing or wrong in its environment, and not the values', async () => {
    vi.stubEnv('COUNT', 'hush')
    const handler = deployedFunction(environment, async () => async () => 'fine')
    const message = await handler('a', context).catch(String)
    expect(message).toMatch(/TABLES: .*; COUNT: /)
    expect(message).not.toContain('hush')
  })

  it('is made anew after it could not be made', async () => {
    given()
    let tries = 0
    const handler = deployedFunction(environment, async () => {
      tries += 1
      if (tries === 1) throw new Error('no secret yet')
      return async () => 'fine'
    })
    await expect(handler('a', context)).rejects.toThrow('no secret yet')
    expect(await handler('a', context)).toBe('fine')
  })

  it('stays made after a call that failed', async () => {
    given()
    let made = 0
    const handler = deployedFunction(environment, async () => {
      made += 1
      return async (event: string) => {
        if (event === 'bad') throw new Error('bad event')
        return 'fine'
      }
    })
    await expect(handler('bad', context)).rejects.toThrow('bad event')
    expect(await handler('good', context)).toBe('fine')
    expect(made).toBe(1)
  })
})
