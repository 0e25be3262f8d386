import { describe, expect, test, vi } from 'vitest'
import { budgetsAt } from '../acceptance/product/budgets.ts'
import { engineWith, startExample } from './example.ts'

vi.setConfig({ testTimeout: 600_000 })

const former = { 'sitewright/example-ihatemoney:7.2.1': 'sitewright/example-ihatemoney:6.1.5' }

describe.runIf(await engineWith('ihatemoney', former))('I Hate Money with SQLite', () => {
  test('opens its dashboard to its owner alone, and keeps its bills when it is archived and upgraded', async () => {
    await using example = await startExample('ihatemoney', former)
    const [{ value } = { value: '' }] = example.credentials
    const site = budgetsAt(`http://acme.localhost:${example.host.port}`)
    expect(await site.see('/create')).toBe(303)
    expect(await site.signIn('a guess')).toBeUndefined()
    const administrator = (await site.signIn(value)) ?? ''
    expect(await site.see('/dashboard', administrator)).toBe(200)

    await site.createProject(administrator)
    await site.write('train')
    expect(await site.bills()).toEqual([{ what: 'train', amount: 12.5 }])

    await example.archiveAndRestore()
    expect(await site.bills()).toEqual([{ what: 'train', amount: 12.5 }])
    await example.upgrade()
    expect(await site.bills()).toEqual([{ what: 'train', amount: 12.5, bill_type: 'Expense' }])
    await site.write('hotel')
    expect((await site.bills()).map(({ what }) => what)).toEqual(expect.arrayContaining(['train', 'hotel']))
  })
})
