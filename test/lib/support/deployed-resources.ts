import { filled } from './filled.ts'
import { type Resource, resourcesOf, type Template } from './resources.ts'

/** As long as the name of a stage can be. */
const longestStage = 'twelveletter'

/** The property that names a resource; CloudFormation names the others after stack and logical id. */
const namedBy = /^(?!Repository|Parent|Domain|Attribute|Hosted)[A-Z][a-zA-Z]*Name$|^Name$/

/**
 * The resources of a stack with every reference as long as AWS makes it, in a stage with the longest name. Names that CloudFormation
 * makes have stack, logical id and 13 characters, and are cut at 64 as those of roles are.
 */
export const deployedResources = (stackName: string, template: Template): readonly Resource[] => {
  const lengthened = (text: string): string => text.replaceAll(/(sitewright[-/])test/g, `$1${longestStage}`)
  const resources: readonly Resource[] = JSON.parse(lengthened(JSON.stringify(resourcesOf(template))))
  const typeOf = new Map(resources.map((resource) => [resource.id, resource]))
  const nameOf = (id: string): string => {
    const given = Object.entries(typeOf.get(id)?.Properties ?? {}).find(
      ([key, value]) => namedBy.test(key) && typeof value === 'string',
    )
    if (given !== undefined) return String(given[1])
    return `${lengthened(stackName)}-${id}`.slice(0, 41).concat('-', id.slice(-8), '-1A2B3C4D5E6F7')
  }
  const arnOf = (id: string): string => {
    const [, service = 'service', kind = 'kind'] = typeOf.get(id)?.Type.split('::') ?? []
    return `arn:aws:${service}:eu-central-1:111122223333:${kind}/${nameOf(id)}`.toLowerCase()
  }
  const standIns = {
    ref: nameOf,
    attribute: (id: string, attribute: string) => (/arn$/i.test(attribute) ? arnOf(id) : nameOf(id)),
    imported: (name: string) => `arn:aws:service:eu-central-1:111122223333:${name.slice(-64)}`,
  }
  return filled(resources, standIns) as readonly Resource[]
}
