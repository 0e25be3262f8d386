import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../core/config/config.ts'
import config from '../../sitewright.config.ts'
import { documentOf } from './support/documents.ts'

const [, text = ''] = /This is a complete second market:\n\n```ts\n([\s\S]+?)```/.exec(documentOf('offers.md')) ?? []
const example = new Function(`return {${text}}`)()

describe('the second market in docs/offers.md', () => {
  it('is a valid configuration', () => {
    // What the page leaves out of its plans and its first policy is as in the configuration of the repository.
    const completed = <One extends object, Other extends object>(parts: readonly One[], whole?: Other) =>
      parts.map((part) => ({ ...whole, ...part }))
    const trialPolicies = completed(example.trialPolicies, config.trialPolicies[0])
    const plans = [...completed(example.plans, config.plans[0]), ...config.plans.slice(1)]
    expect(defineConfig({ ...config, ...example, trialPolicies, plans }).offers).toHaveLength(1)
  })
})
