import { Size } from 'aws-cdk-lib'
import { Architecture, Code, type FunctionProps, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { AnyFunction } from '../../../lambdas/_runtime/define-function.ts'
import type { Capability } from '../../../lambdas/_runtime/ports.ts'

/** The capabilities whose adapters call DuckDB. */
const callers: ReadonlySet<Capability> = new Set<Capability>(['reports:read', 'reports:write'])

/** DuckDB with its native library, which is too large for a bundle of each function. */
export class DuckdbLayer extends Construct {
  readonly #layer: LayerVersion

  /** @param props.directory has `nodejs/node_modules`. */
  constructor(scope: Construct, id: string, { directory }: { readonly directory: string }) {
    super(scope, id)
    this.#layer = new LayerVersion(this, 'Layer', {
      code: Code.fromAsset(directory),
      compatibleArchitectures: [Architecture.ARM_64],
      compatibleRuntimes: [Runtime.NODEJS_24_X],
      description: 'DuckDB, with its library for Linux on arm64',
    })
  }

  /** What a function that calls DuckDB has besides the others: one processor, and room for files. */
  partsOf({ uses }: AnyFunction): Pick<FunctionProps, 'layers' | 'memorySize' | 'ephemeralStorageSize'> {
    if (!uses.some((capability) => callers.has(capability))) return {}
    return { layers: [this.#layer], memorySize: 1769, ephemeralStorageSize: Size.mebibytes(4096) }
  }
}
