import { useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { Disclosure, Facts, Panel } from '../ui/panel.tsx'
import { Sessions } from '../ui/sessions.tsx'
import { View } from '../ui/state.tsx'
import { sessionKey, usePage, useRead } from './page.tsx'
import { settingFacts, settingName } from './setting-facts.ts'

/** More values than this are closed at first. */
const mostOpen = 7

const Values = ({ of, title }: { readonly of: unknown; readonly title?: string }) => {
  const page = usePage()
  const facts = settingFacts(page, of)
  return title === undefined && facts.length <= mostOpen ? (
    <Facts facts={facts} />
  ) : (
    <Disclosure title={title ?? page.t('settings.show', { count: facts.length })}>
      <Facts facts={facts} />
    </Disclosure>
  )
}

/** The configuration, to read. */
export const SettingsView = () => {
  const page = usePage()
  const { t } = page
  const query = useRead('settings', (signal) => bodyOf(api.GET('/v1/operator/settings', { signal })))
  return (
    <View title={t('nav.settings')} query={query}>
      {({ pool, trials, plans, trialPolicies, sleep, abuse, audit, ...rest }) => (
        <>
          <p className="quiet-text">{t('settings.lead')}</p>
          <div className="panels">
            {Object.entries({ installation: rest, trials: { ...trials, pool, audit }, sleep, abuse }).map(
              ([name, setting]) => (
                <Panel key={name} title={settingName(page, name)} look="half">
                  <Values of={setting} />
                </Panel>
              ),
            )}
            {plans.map((plan) => (
              <Panel key={plan.id} title={`${t('site.plan')}: ${plan.name}`} look="half">
                <Facts facts={settingFacts(page, plan)} />
              </Panel>
            ))}
            <Panel title={settingName(page, 'trialPolicies')} look="half">
              {trialPolicies.map((policy) => (
                <Values key={policy.version} title={t('blueprint.of', { version: policy.version })} of={policy} />
              ))}
            </Panel>
          </div>
        </>
      )}
    </View>
  )
}

export const SessionsView = () => {
  const { t } = usePage()
  const queries = useQueryClient()
  const query = useRead('sessions', (signal) => bodyOf(api.GET('/v1/operator/sessions', { signal })))
  return (
    <View title={t('nav.sessions')} query={query}>
      {({ sessions }) => (
        <section className="panel">
          <p className="quiet-text">{t('sessions.lead')}</p>
          <Sessions
            sessions={sessions}
            end={(id) => api.DELETE('/v1/operator/sessions/{id}', { params: { path: { id } } })}
            endOthers={() => api.DELETE('/v1/operator/sessions')}
            onEnded={(isOwn) => queries.invalidateQueries({ queryKey: isOwn ? sessionKey : ['sessions'] })}
          />
        </section>
      )}
    </View>
  )
}
