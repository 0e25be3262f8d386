const frame = document.querySelector('#content')
const items = document.querySelector('#items')
const next = document.querySelector('#next')
const progress = document.querySelector('#progress')

const read = async (path) => {
  const response = await fetch(path)
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.detail ?? `The course could not be read (${response.status}).`)
  return answer
}

/** What was never set is exported as empty text, which the setters do not take back. */
const withoutEmpty = (value) =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== '' && each !== null)
      .map(([name, each]) => [name, typeof each === 'object' ? withoutEmpty(each) : each]),
  )

// Addresses are relative to the launch, whose token authorises them.
const statePath = 'state'

const notSaved = 'This could not be saved. Look whether the site still answers.'

/** Content counts on its data being safe once a commit is answered, so that the answer has to be waited for. */
const saveAtOnce = (body) => {
  const request = new XMLHttpRequest()
  request.open('PUT', statePath, false)
  request.setRequestHeader('content-type', 'application/json')
  request.send(body)
  return request
}

/** Why an answer does not mean that all is saved; undefined where it does. */
const failureIn = ({ status, responseText }) => {
  if (status === 204) return undefined
  try {
    return JSON.parse(responseText).detail ?? notSaved
  } catch {
    return notSaved
  }
}

/** A browser drops plain requests of a page that is left; one that outlives the page may have 64 KiB. */
const saveLater = (body) => {
  const headers = { 'content-type': 'application/json' }
  // Nobody is left to be told.
  fetch(statePath, { method: 'PUT', headers, body, keepalive: true }).catch(() => undefined)
}

/** What the library sends its commits with. */
const savingTo = (itemId) => ({
  processHttpRequest: (_url, { cmi }) => {
    const body = JSON.stringify({ item: itemId, cmi })
    let failure = notSaved
    try {
      failure = failureIn(saveAtOnce(body))
    } catch {
      saveLater(body)
    }
    progress.textContent = failure ?? 'Saved'
    return failure === undefined ? { result: 'true', errorCode: 0 } : { result: 'false', errorCode: 101 }
  },
  updateSettings: () => undefined,
})

const settings = { lmsCommitUrl: statePath, autocommit: true, autocommitSeconds: 10, alwaysSendTotalTime: true }

const entryOf = (saved, exit) => {
  if (saved === undefined) return 'ab-initio'
  return exit === 'suspend' ? 'resume' : ''
}

const library = (name) => import(`./scorm-again/${name}.js`)

/** SCORM 1.2 finds `API` in the windows around it. */
const openVersion12 = async (learner) => {
  const { Scorm12API } = await library('scorm12')
  return (item, saved) => {
    const api = new Scorm12API(settings, savingTo(item.id))
    const { core: { exit, session_time: _session, ...core } = {}, ...rest } = saved ?? {}
    api.loadFromJSON({ ...rest, core })
    api.cmi.core.entry = entryOf(saved, exit)
    api.cmi.core.student_id = learner
    api.cmi.core.student_name = 'Learner'
    if (item.launchData !== undefined) api.cmi.launch_data = item.launchData
    if (item.masteryScore !== undefined) api.cmi.student_data.mastery_score = item.masteryScore
    window.API = api
    return { isRunning: () => api.isInitialized(), finish: () => api.lmsFinish('') }
  }
}

/** SCORM 2004 looks for `API_1484_11`. */
const openVersion2004 = async (learner) => {
  const { Scorm2004API } = await library('scorm2004')
  return (item, saved) => {
    const api = new Scorm2004API(settings, savingTo(item.id))
    const { exit, session_time: _session, ...rest } = saved ?? {}
    api.loadFromJSON(rest)
    api.cmi.entry = entryOf(saved, exit)
    api.cmi.learner_id = learner
    api.cmi.learner_name = 'Learner'
    if (item.launchData !== undefined) api.cmi.launch_data = item.launchData
    window.API_1484_11 = api
    return { isRunning: () => api.isInitialized(), finish: () => api.lmsFinish('') }
  }
}

const blank = () =>
  new Promise((resolve) => {
    frame.addEventListener('load', resolve, { once: true })
    frame.src = 'about:blank'
  })

const play = async () => {
  const course = await read('course')
  const open = await (course.version === '1.2' ? openVersion12 : openVersion2004)(course.learner)
  let session

  // Content that is left without a word has not said that it ends; what it set is saved all the same.
  const finish = () => {
    if (session?.isRunning()) session.finish()
  }
  const launch = async (itemId) => {
    next.disabled = items.selectedIndex === items.length - 1
    // The content gets to say that it ends while its interface is still there.
    await blank()
    finish()
    const { items: states } = await read(statePath)
    const item = course.items.find(({ id }) => id === itemId)
    const cmi = states[itemId]?.cmi
    session = open(item, cmi && withoutEmpty(cmi))
    progress.textContent = ''
    frame.src = `content/${item.href}`
  }

  items.addEventListener('change', () => launch(items.value).catch(say))
  next.addEventListener('click', () => {
    items.selectedIndex += 1
    launch(items.value).catch(say)
  })
  window.addEventListener('pagehide', finish)
  await launch(items.value)
}

const say = (error) => {
  progress.textContent = error instanceof TypeError ? 'The site did not answer. Reload to try again.' : error.message
}

play().catch(say)
