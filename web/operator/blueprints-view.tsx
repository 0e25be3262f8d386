import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { Checkbox, Select } from '../ui/field.tsx'
import { Badge, Facts, Notice, Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { Controls } from './acts-row.tsx'
import { CompareVersions } from './compare-versions.tsx'
import { useBlueprints, usePage, usePermitted, useRollouts } from './page.tsx'
import { PublishBlueprint } from './publish-blueprint.tsx'
import { type Rollout, rolloutActsFor, versionsToOffer } from './rollout-acts.ts'
import { hashOf } from './routes.ts'

type BlueprintStatus = components['schemas']['BlueprintStatus']

/** What a blueprint extends; of an extension that is behind, also the newest version of that. */
const useOrigin = () => {
  const { t } = usePage()
  return (origin: NonNullable<BlueprintStatus['extends']>) =>
    t(isBehind(origin) ? 'blueprint.behind' : 'blueprint.origin', { ...origin })
}

const isBehind = (origin: BlueprintStatus['extends']): boolean => origin !== null && origin.newest > origin.version

/** The extensions of a version that is no longer the newest. */
const BehindNotice = ({ statuses }: { readonly statuses: readonly BlueprintStatus[] }) => {
  const { t } = usePage()
  const originText = useOrigin()
  const behind = statuses.filter((status) => isBehind(status.extends))
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

interface StartProps {
  readonly blueprints: Parameters<typeof versionsToOffer>[0]
  readonly rollouts: readonly Rollout[]
}

/** The button that starts a roll-out of a blueprint without an open one. */
export const StartRollout = ({ blueprints, rollouts }: StartProps) => {
  const { t } = usePage()
  const versions = versionsToOffer(blueprints, rollouts)
  const start = {
    id: 'start',
    label: t('rollout.start'),
    effect: t('rollout.start-effect'),
    fields: () => (
      <>
        <Select
          label={t('rollout.version')}
          name="version"
          options={versions.map(({ name, version, heldBack, unavailable }) => {
            const failure = heldBack ? t('rollout.held-back') : unavailable ? t('rollout.unavailable') : ''
            return {
              value: `${name} ${version}`,
              label: [t('facts.version', { name, version }), failure && `(${failure})`].join(' ').trim(),
            }
          })}
        />
        <Checkbox name="security">{t('rollout.security')}</Checkbox>
        <Checkbox name="acceptIncompatibleData">{t('rollout.accept-data')}</Checkbox>
      </>
    ),
    perform: (reason: string, form: FormData) => {
      const [blueprint = '', version] = String(form.get('version')).split(' ')
      const body = {
        ...{ blueprint, version: Number(version), reason },
        ...{ security: form.has('security'), acceptIncompatibleData: form.has('acceptIncompatibleData') },
      }
      return api.POST('/v1/operator/rollouts', { body })
    },
  }
  return <Controls controls={versions.length === 0 ? [] : [start]} refresh="rollouts" />
}

/** While a roll-out is open, another one of the same blueprint cannot start. */
const OpenRollout = ({ name, rollouts = [] }: Readonly<{ name: string; rollouts: readonly Rollout[] | undefined }>) => {
  const { t } = usePage()
  const open = rollouts.find((one) => one.blueprint === name && rolloutActsFor(one, () => true).includes('abort'))
  return open === undefined ? null : (
    <p>
      <a href={hashOf({ name: 'rollouts' })}>{t('blueprint.rollout', { version: open.version })}</a>
    </p>
  )
}

const BlueprintPanel = ({ status }: { readonly status: BlueprintStatus }) => {
  const { name, current, newest, draft, unavailable, pool, isOffered, extends: origin } = status
  const originText = useOrigin()
  const { t, format } = usePage()
  const canStart = usePermitted()('operatorStartRollout')
  const rollouts = useRollouts(canStart).data?.rollouts
  const isFailing = unavailable !== null || draft?.state === 'failed'
  const draftText = draft && `${draft.version}, ${t(`draft.${draft.state}`)}, ${format.instant(draft.submittedAt)}`
  return (
    <Panel title={name} variant="half" aside={isFailing ? <Badge tone="danger">{t('blueprint.failing')}</Badge> : null}>
      <Facts
        facts={[
          [t('blueprint.current'), current ?? '–'],
          newest !== current && [t('blueprint.newest'), newest ?? '–'],
          [t('blueprint.draft'), draftText ?? '–'],
          origin !== null && [t('blueprint.extends'), originText(origin)],
          [t('pool.ready'), isOffered ? format.number(pool.ready) : t('blueprint.not-offered')],
        ]}
      />
      <CompareVersions status={status} />
      <OpenRollout name={name} rollouts={rollouts} />
      {canStart && rollouts !== undefined ? <StartRollout blueprints={[status]} rollouts={rollouts} /> : null}
      {unavailable === null ? null : (
        <Notice tone="danger" title={t('blueprint.unavailable', { version: unavailable.version })}>
          <p lang="en">{`${unavailable.cause}: ${unavailable.detail}`}</p>
          {t('blueprint.next-try', { failures: unavailable.failures, at: format.instant(unavailable.retryAt) })}
        </Notice>
      )}
      {draft?.failure ? (
        <Notice tone={isFailing ? 'danger' : 'warning'} title={t(`cause.${draft.failure.cause}`)}>
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
          <BehindNotice statuses={blueprints} />
          <div className="panels">
            {blueprints.map((status) => (
              <BlueprintPanel key={status.name} status={status} />
            ))}
          </div>
        </>
      )}
    </View>
  )
}
