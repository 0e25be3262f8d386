import { Construct } from 'constructs'
import type { FunctionEntry } from '../../../lambdas/manifest/function-entry.ts'
import type { FunctionName } from '../../../lambdas/manifest.ts'
import { functionEntries } from '../../../lambdas/manifest.ts'
import type { Deployment } from '../../deployment.ts'
import { functionEnvironments } from './function-environments.ts'
import { ManifestFunction } from './manifest-function.ts'
import { functionGrants } from './permissions/function-grants.ts'
import type { CustomDomainParts, Operators, StoredThings } from './permissions/place.ts'
import { placeOf } from './permissions/place.ts'

interface ManifestFunctionsProps {
  readonly deployment: Deployment
  readonly stored: StoredThings
  readonly operators: Operators
  readonly customDomains: CustomDomainParts
}

/** A Lambda function for each entry of the manifest. */
export class ManifestFunctions extends Construct {
  readonly all: ReadonlyMap<FunctionName, ManifestFunction>

  constructor(scope: Construct, id: string, { deployment, stored, operators, customDomains }: ManifestFunctionsProps) {
    super(scope, id)
    const { names, bundles } = deployment
    const place = placeOf(this, deployment, stored, operators, customDomains)
    const environments = functionEnvironments(place)
    const make = (name: FunctionName, entry: FunctionEntry): ManifestFunction => {
      const bundle = bundles.get(name)
      if (bundle === undefined) throw new Error(`the function ${name} has no bundle`)
      return new ManifestFunction(this, name, {
        name,
        entry,
        names,
        bundle,
        environment: environments[name],
        grants: functionGrants(place, entry),
      })
    }
    this.all = new Map(functionEntries.map(([name, entry]) => [name, make(name, entry)]))
  }

  /** The function of that name. */
  of(name: FunctionName): ManifestFunction {
    const found = this.all.get(name)
    if (found === undefined) throw new Error(`there is no function ${name}`)
    return found
  }
}
