import type { AnyFunction } from '../../lambdas/_runtime/define-function.ts'

/** A definition that nobody deploys. */
export const sampleFunction = (
  name: string,
  triggers: AnyFunction['triggers'],
  further: Partial<AnyFunction> = {},
): AnyFunction => ({ name, triggers, uses: [], timeout: 1, alarm: { feels: 'Nothing.', tolerated: 0 }, ...further })

/** For a trigger whose code is not run. */
export const nothing = async () => (): never => {
  throw new Error('this trigger is not to run')
}
