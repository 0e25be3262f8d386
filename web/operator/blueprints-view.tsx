import type { components } from '../api/openapi.d.ts'
import { Badge, Facts, Notice, Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { CompareVersions } from './compare-versions.tsx'
import { usePage, usePermitted } from './page.ts'
import { useBlueprints, useRollouts } from './reads.ts'
import { StartRollout } from './rollouts-view.tsx'
import { hashOf } from './routes.ts'

const BlueprintPanel = ({ standing }: { readonly standing: components['schemas']['BlueprintStanding'] }) => {
  const { name, current, newest, draft, unavailable, pool } = standing
  const { t, format } = usePage()
  const canStart = usePermitted()('operatorStartRollout')
  const rollouts = useRollouts(canStart).data?.rollouts
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
      <CompareVersions standing={standing} />
      {canStart && rollouts !== undefined ? <StartRollout blueprints={[standing]} rollouts={rollouts} /> : null}
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
