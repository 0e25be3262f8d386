import { type Store, tellOfChanges } from './open-store.ts'
import { tellOfDrafts } from './provide-blueprints.ts'
import { sharePool } from './share-pool.ts'

/** Returns the store as all functions of a host share it: it tells of what they change, and gives a pooled site to one of them. */
export const sharedStore = (
  store: Store,
  { onChange, onDraft }: { readonly onChange: Parameters<typeof tellOfChanges>[1]; readonly onDraft: () => void },
): Store => ({
  ...store,
  blueprints: tellOfDrafts(store.blueprints, onDraft),
  sites: {
    ...store.sites,
    findReady: sharePool(store.sites.findReady, () => performance.now()),
    commit: tellOfChanges(store.sites.commit, onChange),
  },
})
