import type { Engine } from '../../../adapters/containers/engine.ts'
import { traitsOf } from '../../../adapters/containers/site-network.ts'
import { canTest } from '../../support/can-test.ts'
import { importProbeImage, testEngine } from '../../support/container-engine.ts'

/**
 * The engine that tasks run with; undefined where there is none, or none whose containers have addresses that this machine
 * reaches, and then a line says what is not tested. The probe site's image is there.
 */
export const openTaskEngine = async (): Promise<Engine | undefined> => {
  const engine = await testEngine()
  if (engine === undefined) return undefined
  const isOurs = process.platform === 'linux' && process.getuid?.() === 0
  const isReachable = isOurs && (await traitsOf(engine)).userNamespace === undefined
  if (
    !canTest(isReachable, 'tasks on AWS are not tested as containers: only on Linux, and by root, are these reached')
  ) {
    return undefined
  }
  await importProbeImage(engine)
  return engine
}
