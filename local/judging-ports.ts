import { billingFromStripe } from '../core/billing/ask-billing.ts'
import { brakeFromStore, paceFromStore } from '../core/brake/change-brake.ts'
import type { Config } from '../core/config/config.ts'
import { createAdmission } from '../core/waiting-list/admit-trials.ts'
import type { EveryPort } from './every-port.ts'
import type { Store } from './open-store.ts'

type Given = Pick<EveryPort, 'payments' | 'plans' | 'policies' | 'clocks' | 'log'>

/** What judges whether something may be given away or taken away, made of the store and the configuration. */
export const judgingPorts = (
  store: Pick<Store, 'accounts' | 'brakes' | 'totals' | 'rateWindows' | 'trialControls' | 'waitingList'>,
  { trials }: Pick<Config, 'trials'>,
  given: Given,
): Pick<EveryPort, 'billing' | 'brake' | 'pace' | 'ceilings' | 'admission'> => {
  const ports = { ...store, ...given }
  return {
    billing: billingFromStripe(ports),
    brake: brakeFromStore(store.brakes),
    pace: paceFromStore(ports),
    ceilings: trials,
    admission: createAdmission({ ...ports, ceilings: trials, monotonic: () => performance.now() }),
  }
}
