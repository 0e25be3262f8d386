import type { Config } from '../../../core/config/config.ts'
import { type Resource, resourcesOf } from '../../lib/support/resources.ts'
import { type Synthesised, synthesise } from '../../lib/support/synthesise.ts'
import { testConfig } from '../../lib/support/test-config.ts'

const stage = testConfig.stages['test']!
const config: Config = {
  ...testConfig,
  stages: { production: { ...stage, cells: stage.cells.filter(({ name }) => name === 'a') } },
}

/** The stage that the documents speak of. The tests of templates check the same stage with another name and a cell more. */
export const production = (): Promise<Synthesised> => synthesise(config, true)

export const allResources = ({ stacks, template }: Synthesised): readonly (Resource & { readonly stack: string })[] =>
  stacks.flatMap((stack) =>
    resourcesOf(template(stack.replace('sitewright-production-', ''))).map((resource) => ({ ...resource, stack })),
  )

/** Text of a template, with the account and the region as the documents write them. */
export const written = (value: unknown): string => {
  if (typeof value === 'string') return value.replaceAll('eu-central-1', '<region>')
  if (typeof value !== 'object' || value === null) return ''
  if ('Ref' in value) return value.Ref === 'AWS::AccountId' ? '<account>' : ''
  if ('Fn::Join' in value && Array.isArray(value['Fn::Join'])) return value['Fn::Join'][1].map(written).join('')
  return ''
}
