import { api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { Badge, Facts, Notice, Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { usePage } from './page.ts'
import { hashOf } from './routes.ts'
import { useRead } from './view.tsx'

/** The offered blueprints with their versions. */
export const useBlueprints = () =>
  useRead('blueprints', (signal) => bodyOf(api.GET('/v1/operator/blueprints', { signal })), 30)

const BlueprintPanel = ({ standing }: { readonly standing: components['schemas']['BlueprintStanding'] }) => {
  const { name, current, newest, draft, unavailable, pool } = standing
  const { t, format } = usePage()
  const isTroubled = unavailable !== null || draft?.state === 'failed'
  const draftText = draft && `${draft.version}, ${t(`draft.${draft.state}`)}, ${format.instant(draft.submittedAt)}`
  return (
    <Panel title={name} look="half" aside={isTroubled ? <Badge tone="danger">{t('blueprint.troubled')}</Badge> : null}>
      <Facts
        facts={[
          [t('blueprint.current'), current ?? '–'],
          ...(newest === current ? [] : [[t('blueprint.newest'), newest ?? '–'] as const]),
          [t('blueprint.draft'), draftText ?? '–'],
          [t('pool.ready'), format.number(pool.ready)],
        ]}
      />
      {unavailable === null ? null : (
        <Notice tone="danger" title={t('blueprint.unavailable', { version: unavailable.version })}>
          <p lang="en">{`${unavailable.cause}: ${unavailable.detail}`}</p>
          {t('blueprint.next-try', { failures: unavailable.failures, at: format.instant(unavailable.retryAt) })}
        </Notice>
      )}
      {draft?.failure ? (
        <Notice tone={isTroubled ? 'danger' : 'warning'} title={t(`cause.${draft.failure.cause}`)}>
          <p lang="en">{draft.failure.detail}</p>
          <a
            href={hashOf({ name: 'site', id: draft.failure.siteId, part: 'failures' })}
            aria-label={`${t('blueprint.evidence')}: ${name}`}
          >
            {t('blueprint.evidence')}
          </a>
        </Notice>
      ) : null}
    </Panel>
  )
}

/** The offered blueprints: versions, drafts, and why one cannot be built. */
export const BlueprintsView = () => {
  const { t } = usePage()
  return (
    <View title={t('nav.blueprints')} query={useBlueprints()}>
      {({ blueprints }) => (
        <div className="panels">
          {blueprints.map((standing) => (
            <BlueprintPanel key={standing.name} standing={standing} />
          ))}
        </div>
      )}
    </View>
  )
}
