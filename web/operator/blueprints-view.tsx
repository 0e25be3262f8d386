import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { Field } from '../ui/field.tsx'
import { Badge, Facts, Notice, Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { Controls } from './acts-row.tsx'
import { CompareVersions } from './compare-versions.tsx'
import { usePage, usePermitted } from './page.ts'
import { useBlueprints, useRollouts } from './reads.ts'
import { type Rollout, rolloutActsFor } from './rollout-acts.ts'
import { StartRollout } from './rollouts-view.tsx'
import { hashOf } from './routes.ts'

/** The blueprint or extension in a file. Only who publishes loads the parser of YAML, of which JSON is a part. */
const contentOf = async (file: FormDataEntryValue | null) => {
  const { parse } = await import('yaml')
  const content = parse(file instanceof File ? await file.text() : '')
  return content?.extends === undefined ? { blueprint: content } : { extension: content }
}

/** The button that publishes a file. The API says in English what is wrong with it. */
const PublishBlueprint = () => {
  const { t } = usePage()
  const publish = {
    id: 'publish',
    label: t('blueprint.publish'),
    effect: t('blueprint.publish-effect'),
    fields: () => (
      <Field label={t('blueprint.file')} name="file" type="file" accept=".yaml,.yml,.json" hint={t('blueprint.hint')} />
    ),
    perform: async (reason: string, form: FormData) =>
      api.POST('/v1/operator/blueprints', { body: { ...(await contentOf(form.get('file'))), reason } }),
  }
  return <Controls controls={usePermitted()('operatorPublishBlueprint') ? [publish] : []} refresh="blueprints" />
}

type Standing = components['schemas']['BlueprintStanding']

/** What a blueprint extends; of an extension that is behind, also the newest version of that. */
const useOrigin = () => {
  const { t } = usePage()
  return (origin: NonNullable<Standing['extends']>) =>
    t(isBehind(origin) ? 'blueprint.behind' : 'blueprint.origin', { ...origin })
}

const isBehind = (origin: Standing['extends']): boolean => origin !== null && origin.newest > origin.version

/** The extensions of a version that is no longer the newest. */
const BehindNotice = ({ standings }: { readonly standings: readonly Standing[] }) => {
  const { t } = usePage()
  const originText = useOrigin()
  const behind = standings.filter((standing) => isBehind(standing.extends))
  return behind.length === 0 ? null : (
    <Notice tone="warning" title={t('blueprint.all-behind')}>
      <ul>
        {behind.map(({ name, extends: origin }) => (
          <li key={name}>{`${name}: ${origin === null ? '' : originText(origin)}`}</li>
        ))}
      </ul>
    </Notice>
  )
}

/** While a roll-out is open, another one of the same blueprint cannot start. */
const OpenRollout = ({
  name,
  rollouts = [],
}: {
  readonly name: string
  readonly rollouts: readonly Rollout[] | undefined
}) => {
  const { t } = usePage()
  const open = rollouts.find((one) => one.blueprint === name && rolloutActsFor(one, () => true).includes('abort'))
  return open === undefined ? null : (
    <p>
      <a href={hashOf({ name: 'rollouts' })}>{t('blueprint.rollout', { version: open.version })}</a>
    </p>
  )
}

const BlueprintPanel = ({ standing }: { readonly standing: Standing }) => {
  const { name, current, newest, draft, unavailable, pool, isOffered, extends: origin } = standing
  const originText = useOrigin()
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
          ...(origin === null ? [] : [[t('blueprint.extends'), originText(origin)] as const]),
          [t('pool.ready'), isOffered ? format.number(pool.ready) : t('blueprint.not-offered')],
        ]}
      />
      <CompareVersions standing={standing} />
      <OpenRollout name={name} rollouts={rollouts} />
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

/** The blueprints: versions, drafts, why one cannot be built, and which extensions are behind. */
export const BlueprintsView = () => {
  const { t } = usePage()
  return (
    <View title={t('nav.blueprints')} query={useBlueprints()} aside={<PublishBlueprint />}>
      {({ blueprints }) => (
        <>
          <BehindNotice standings={blueprints} />
          <div className="panels">
            {blueprints.map((standing) => (
              <BlueprintPanel key={standing.name} standing={standing} />
            ))}
          </div>
        </>
      )}
    </View>
  )
}
