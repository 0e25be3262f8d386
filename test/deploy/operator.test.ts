import { beforeAll, describe, expect, inject, it } from 'vitest'
import { call } from '../e2e/call.ts'
import { waitFor } from '../support/wait-for.ts'
import { addOperator } from './support/operator.ts'
import { type Owner, signUp, statusIs, visit } from './support/visitor.ts'

const front = { port: inject('port') }

describe('an operator who signed in at the deployed pool', () => {
  let owner: Owner
  let headers: { readonly authorization: string }
  beforeAll(async () => {
    owner = await signUp(front, 'operated')
    headers = await (await addOperator('support', 'grace')).signIn()
  })

  const act = (name: string) =>
    call(front, {
      method: 'POST',
      path: `/v1/operator/sites/${owner.siteId}/${name}`,
      headers,
      body: { reason: 'A test.' },
    })

  it('suspends a site, and resumes it', async () => {
    const suspended = await act('suspend')
    expect(suspended.status, suspended.text).toBeLessThan(300)
    await statusIs(front, owner, 'suspended')
    await waitFor(async () => (await visit(front, owner)).status !== 200)
    // The suspension is an operation, which has to end.
    await waitFor(async () => (await act('resume')).status < 300)
    await statusIs(front, owner, 'active')
    await waitFor(async () => (await visit(front, owner)).status === 200)
  })

  it('may not do what the role does not allow', async () => {
    expect((await act('purge')).status).toBe(403)
  })
})
