import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { asker } from '../../bin/demo/api.ts'
import { httpCall } from '../../bin/demo/http-call.ts'

const ask = asker(httpCall)
const operatorSchema = z.looseObject({ token: z.string() })
const siteSchema = z.looseObject({ plan: z.string(), operation: z.string().nullable() })

const settleMilliseconds = 60_000
const lookMilliseconds = 20

export interface PlanCalls {
  /** Resolves once the new plan is recorded. */
  readonly change: (plan: string) => Promise<void>
  /** Waits until the site has been given another size. @throws {Error} where it has not after a minute. */
  readonly resized: () => Promise<void>
}

/** Changes of one site's plan, as an operator makes them and its owner sees them. */
export const openPlanCalls = async (
  origin: string,
  site: { readonly id: string; readonly token: string },
): Promise<PlanCalls> => {
  const become = {
    method: 'POST',
    url: `${origin}/_local/operators`,
    body: { email: 'ops@example.com', role: 'admin' },
  } as const
  const { token } = (await ask(become, [201], operatorSchema)).body
  const look = async () => {
    const headers = { authorization: `Bearer ${site.token}` }
    return (await ask({ url: `${origin}/v1/sites/${site.id}`, headers }, [200], siteSchema)).body
  }
  const until = async (what: string, isSo: (operation: string | null) => boolean): Promise<void> => {
    const givenUpAt = performance.now() + settleMilliseconds
    while (!isSo((await look()).operation)) {
      if (performance.now() > givenUpAt) throw new Error(`The site ${what} within ${settleMilliseconds / 1000} s.`)
      await sleep(lookMilliseconds)
    }
  }
  return {
    change: async (plan) => {
      const url = `${origin}/v1/operator/sites/${site.id}/plan`
      const headers = { authorization: `Bearer ${token}` }
      await ask({ method: 'POST', url, headers, body: { plan, reason: 'A bench.' } }, [200, 202], z.looseObject({}))
    },
    resized: async () => {
      await until('was not begun to be given another size', (operation) => operation === 'resize')
      await until('was not given another size', (operation) => operation === null)
    },
  }
}
