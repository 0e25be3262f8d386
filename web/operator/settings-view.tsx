import { api, bodyOf } from '../api/client.ts'
import { Disclosure, Facts, Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { flatten } from './flatten.ts'
import { usePage } from './page.ts'
import { useRead } from './view.tsx'

/** More values than this are closed at first. */
const mostOpen = 8

/** The configuration, to read, by the names that it has there. */
export const SettingsView = () => {
  const { t } = usePage()
  const query = useRead('settings', (signal) => bodyOf(api.GET('/v1/operator/settings', { signal })))
  return (
    <View title={t('nav.settings')} query={query}>
      {({ pool, trials, plans, trialPolicies, sleep, abuse, audit, ...rest }) => (
        <>
          <p className="quiet-text">{t('settings.lead')}</p>
          <div className="panels">
            {Object.entries({ installation: rest, pool, trials, audit, trialPolicies, plans, sleep, abuse }).map(
              ([name, setting]) => {
                const facts = flatten(setting)
                return (
                  <Panel key={name} title={name} look="half">
                    {facts.length <= mostOpen ? (
                      <Facts facts={facts} />
                    ) : (
                      <Disclosure title={t('settings.show')}>
                        <Facts facts={facts} />
                      </Disclosure>
                    )}
                  </Panel>
                )
              },
            )}
          </div>
        </>
      )}
    </View>
  )
}
