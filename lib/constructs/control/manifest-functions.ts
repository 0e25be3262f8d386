import { Construct } from 'constructs'
import { variablesOf } from '../../../cloud/variables.ts'
import type { ManifestFunction as Definition, FunctionName } from '../../../lambdas/manifest.ts'
import { functions } from '../../../lambdas/manifest.ts'
import type { Deployment } from '../../deployment.ts'
import { ManifestFunction } from './manifest-function.ts'
import { functionGrants } from './permissions/function-grants.ts'
import type { CustomDomainParts, Operators, StoredThings } from './permissions/surroundings.ts'
import { surroundingsOf } from './permissions/surroundings.ts'
import { variableValues } from './variable-values.ts'

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
    const surroundings = surroundingsOf(this, deployment, stored, operators, customDomains)
    const values: Readonly<Record<string, string>> = variableValues(surroundings)
    const make = (definition: Definition): ManifestFunction => {
      const { name } = definition
      const bundle = bundles.get(name)
      if (bundle === undefined) throw new Error(`the function ${name} has no bundle`)
      return new ManifestFunction(this, name, {
        definition,
        names,
        bundle,
        environment: Object.fromEntries(variablesOf(definition).map((variable) => [variable, values[variable] ?? ''])),
        grants: functionGrants(surroundings, definition),
      })
    }
    this.all = new Map(functions.map((definition) => [definition.name, make(definition)]))
  }

  /** The function of that name. */
  of(name: FunctionName): ManifestFunction {
    const found = this.all.get(name)
    if (found === undefined) throw new Error(`there is no function ${name}`)
    return found
  }
}
