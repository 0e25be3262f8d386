import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, api, bodyOf } from '../api/client.ts'
import { useRead } from '../api/query-client.ts'
import { inputTime } from '../api/remembering-fetch.ts'
import { Field, Select } from '../ui/field.tsx'
import { Facts, Output, Panel } from '../ui/panel.tsx'
import { Empty, Loaded } from '../ui/state.tsx'
import { usePage } from './page.tsx'
import { isAsSerious, joinLogs, type LogLevel, type Logs, logLevels, readLogLine } from './site-records.ts'

const followMilliseconds = 5000

/** The lines of each container, or those that have a text. */
const LogsOf = ({ containers }: Pick<Logs, 'containers'>) => {
  const { t, format } = usePage()
  const [text, setText] = useState('')
  const [min, setLeast] = useState<LogLevel>('debug')
  const has = (line: string): boolean => line.toLowerCase().includes(text.toLowerCase())
  const shown = containers.map(({ container, lines }) => ({
    container,
    lines: lines
      .filter(has)
      .map(readLogLine)
      .filter((line) => isAsSerious(line, min)),
  }))
  return (
    <div className="view logs">
      <p className="quiet-text">{t('logs.lead')}</p>
      {containers.length === 0 ? (
        <Empty>{t('logs.none')}</Empty>
      ) : (
        <div className="search-line">
          <div className="search">
            <Field
              label={t('logs.search')}
              type="search"
              value={text}
              onChange={({ target }) => setText(target.value)}
            />
          </div>
          <Select
            label={t('logs.level')}
            value={min}
            options={logLevels.toReversed().map((level) => ({ value: level, label: t(`logs-level.${level}`) }))}
            onChange={(chosen) => setLeast(logLevels.find((level) => level === chosen) ?? 'debug')}
          />
        </div>
      )}
      {shown.map(({ container, lines }) => (
        <Panel key={container} title={t('failure.container', { name: container })}>
          {lines.length === 0 ? (
            <p className="quiet-text">{t(text === '' && min === 'debug' ? 'logs.empty' : 'logs.no-match')}</p>
          ) : (
            <Output label={t('failure.output', { name: container })}>
              {lines.map(({ at, level, text: said }, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name.
                <span key={place} data-level={level}>
                  {[at && format.second(at), level?.toUpperCase(), said].filter(Boolean).join('  ')}
                  {'\n'}
                </span>
              ))}
            </Output>
          )}
        </Panel>
      ))}
    </div>
  )
}

/** The output of the containers of a running site. It follows what they write. */
export const SiteLogs = ({ id }: { readonly id: string }) => {
  const queries = useQueryClient()
  const queryKey = ['logs', id]
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const known = queries.getQueryState<Logs>(queryKey)?.data
      // Each cursor makes another address, so a poll has to be marked here.
      const isPoll = known !== undefined && inputTime() < performance.now() - followMilliseconds
      const read = (after: string | undefined) => {
        const params = { path: { id }, query: after === undefined ? {} : { after } }
        const headers = isPoll ? { 'sitewright-poll': '1' } : {}
        return bodyOf(api.GET('/v1/operator/sites/{id}/logs', { params, headers, signal }))
      }
      if (known === undefined) return joinLogs(undefined, await read(undefined))
      try {
        return joinLogs(known, await read(known.cursor))
      } catch (error) {
        // After a restart, a platform may not know the place any more.
        if (!(error instanceof ApiError && error.status === 400)) throw error
        return joinLogs(undefined, await read(undefined))
      }
    },
    refetchInterval: followMilliseconds,
    gcTime: 0,
  })
  return <Loaded query={query}>{({ containers }) => <LogsOf containers={containers} />}</Loaded>
}

/** Why a site did not start, with what its containers wrote. */
export const SiteFailures = ({ id }: { readonly id: string }) => {
  const { t, format } = usePage()
  const query = useRead(['failures', id], (signal) =>
    api.GET('/v1/operator/sites/{id}/failures', { params: { path: { id } }, signal }),
  )
  return (
    <Loaded query={query}>
      {({ failures }) => (
        <div className="view">
          {failures.length === 0 ? <Empty>{t('failure.none')}</Empty> : null}
          {failures.map(({ id: key, at, during, cause, detail, blueprint, containers }) => (
            <Panel key={key} title={t(`cause.${cause}`)} aside={<time dateTime={at}>{format.instant(at)}</time>}>
              <p lang="en">{detail}</p>
              <Facts
                facts={[
                  [t('failure.during'), t(`during.${during}`)],
                  [t('pool.blueprint'), t('facts.version', { name: blueprint.name, version: blueprint.version })],
                  ...containers.map(
                    ({ name, ends, lastEnd }) =>
                      [
                        t('failure.container', { name }),
                        t('failure.ends', { ends, code: String(lastEnd?.exitCode ?? lastEnd?.signal ?? '–') }),
                      ] as const,
                  ),
                ]}
              />
              {containers.map(({ name, lines }) =>
                lines.length === 0 ? null : (
                  <div key={name} className="panel-part">
                    <h3>{t('failure.output', { name })}</h3>
                    <Output label={t('failure.output', { name })}>{lines.join('\n')}</Output>
                  </div>
                ),
              )}
            </Panel>
          ))}
        </div>
      )}
    </Loaded>
  )
}
