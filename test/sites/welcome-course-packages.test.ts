import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CourseBody, type CourseSite, openCourseSite } from './course-site.ts'
import { course, type ManifestParts, manifest } from './scorm-packages.ts'
import { type PackedFile, zipOf } from './zip-archive.ts'

const site = await openCourseSite()
afterAll(() => site[Symbol.asyncDispose]())

const refusedFor = async (body: Uint8Array): Promise<string> => {
  const response = await site.send(new Uint8Array(body))
  const problem = (await response.json()) as { detail: string }
  expect(problem).toMatchObject({ status: 400 })
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect((await site.paths()).filter((path) => path !== 'course-uploads')).toEqual(['entries.sqlite'])
  return problem.detail
}

const wholeCourse = zipOf(course())

describe('an archive is refused', () => {
  const broken = Buffer.from(wholeCourse)
  // In the middle of the first file's data.
  broken.fill(0xff, 80, 120)

  const archives: readonly [string, Uint8Array, RegExp][] = [
    ['that is empty', new Uint8Array(), /not a zip archive/],
    ['that is none', Buffer.from('%PDF-1.7'), /not a zip archive/],
    ['that is cut off', wholeCourse.subarray(0, wholeCourse.length - 30), /or it is cut off/],
    ['that lost its beginning', wholeCourse.subarray(10), /list of files cannot be read/],
    ['whose data is damaged', broken, /cannot be unpacked|is not what/],
    ['that has several parts', zipOf(course(), { disk: 1 }), /one part of several/],
    ['that counts too many files', zipOf(course(), { count: 10_001 }), /more than 10000 files/],
    ['that counts fewer than it lists', zipOf(course(), { count: 3 }), /more files than it counts/],
    ['that counts more than it lists', zipOf(course(), { count: 5 }), /cannot be read/],
    ['whose list is elsewhere', zipOf(course(), { directoryAt: 0 }), /list of files cannot be read/],
  ]
  test.each(archives)('%s', async (_, body, why) => {
    expect(await refusedFor(body)).toMatch(why)
  })

  test('with a ZIP64 end that is beyond any file', async () => {
    const locator = Buffer.alloc(20, 0x7f)
    locator.writeUInt32LE(0x07064b50, 0)
    const end = wholeCourse.length - 22
    const body = Buffer.concat([wholeCourse.subarray(0, end), locator, wholeCourse.subarray(end)])
    expect(await refusedFor(body)).toMatch(/not a zip archive/)
  })

  const files: readonly [string, PackedFile, RegExp][] = [
    ['with a way out', { name: '../evil.html' }, /leads out of its folder/],
    ['with a way out further down', { name: 'a/../../evil.html' }, /leads out of its folder/],
    ['with an absolute path', { name: '/etc/passwd' }, /is absolute/],
    ['with a drive', { name: 'C:/evil.html' }, /is absolute/],
    ['with backslashes', { name: 'media\\evil.html' }, /backslash/],
    ['with a NUL', { name: 'a\0.html' }, /control character/],
    ['with a nameless folder', { name: 'a//b.html' }, /folder without a name/],
    ['with a folder named .', { name: 'a/./b.html' }, /folder without a name/],
    ['with an empty name', { name: '' }, /is empty/],
    ['with a name that is too long', { name: `${'a'.repeat(201)}.html` }, /longer than/],
    ['with a path that is too long', { name: `${'abcdefghi/'.repeat(20)}${'b'.repeat(201)}` }, /longer than/],
    ['with a path that is too deep', { name: `${'a/'.repeat(24)}b.html` }, /folders deep/],
    ['with a name that is no UTF-8', { name: Buffer.from([0x61, 0xff]), flags: 0 }, /not UTF-8/],
    ['with a symbolic link', { name: 'link', data: '/etc', mode: 0o120777 }, /link or a device/],
    ['with a device', { name: 'device', mode: 0o020666 }, /link or a device/],
    ['with a file that is encrypted', { name: 'a.html', flags: 0x0801 }, /encrypted/],
    ['with a file packed by another method', { name: 'a.html', method: 12 }, /other than deflate/],
    ['with a file twice', { name: 'index.html' }, /twice/],
    ['with a file twice, composed otherwise', { name: 'u\u0308.html' }, /twice/],
    ['with a file that is a folder as well', { name: 'index.html/b.html' }, /as a file and as a folder/],
    ['with a file that is a folder as well, at the end', { name: 'index.html/' }, /as a file and as a folder/],
    ['with a file that is longer than it says', { name: 'a', data: 'a'.repeat(100), declaredBytes: 10 }, /is not what/],
    ['with a file that is shorter than it says', { name: 'a', data: 'aaaa', declaredBytes: 50 }, /is not what/],
    ['with a file of another sum', { name: 'a', data: 'aaaa', declaredSum: 1 }, /is not what/],
    ['with files that share data', { name: 'a', data: 'aaaa', headerOffset: 0 }, /is not what/],
    ['with a file that is nowhere', { name: 'a', data: 'aaaa', headerOffset: 9_999_999 }, /is not what/],
    ['with a position of ZIP64', { name: 'a', data: 'aaaa', headerOffset: 0xffffffff }, /is not what/],
  ]
  test.each(files)('%s', async (_, file, why) => {
    expect(await refusedFor(zipOf([...course(), { name: 'ü.html' }, file]))).toMatch(why)
  })

  test('that unpacks to a hundred times its size', async () => {
    const zeros = { name: 'zeros.bin', data: Buffer.alloc(8 * 1024 * 1024) }
    expect(await refusedFor(zipOf([...course(), zeros]))).toMatch(/more than 100 times its size/)
  })

  test('of files that share data, to be more than a hundred times its size', async () => {
    const shared = { data: randomBytes(50_000), headerOffset: 0 }
    const others = Array.from({ length: 500 }, (_, index) => ({ name: `${index}`, ...shared, isOnlyListed: true }))
    const bomb = zipOf([{ name: 'first', ...shared }, ...course(), ...others])
    expect(bomb.length).toBeLessThan(100_000)
    expect(await refusedFor(bomb)).toMatch(/more than 100 times its size/)
  })

  test('with large files that are longer than they say, while others are unpacked', async () => {
    const film = { data: randomBytes(300_000) }
    const films = Array.from({ length: 30 }, (_, index) => ({
      name: `film-${index}`,
      ...film,
      ...(index % 4 === 1 && { declaredBytes: 1000 }),
    }))
    expect(await refusedFor(zipOf([...course(), ...films]))).toMatch(/is not what/)
  })

  test('that comes as a form or as anything else', async () => {
    for (const type of ['multipart/form-data; boundary=a', 'application/octet-stream', 'text/plain']) {
      const init = { method: 'POST', headers: { 'content-type': type }, body: new Uint8Array(wholeCourse) }
      expect((await site.ask('/api/courses', init)).status).toBe(415)
    }
  })
})

describe('a manifest is refused', () => {
  const withManifest = (data: string | Uint8Array): Buffer =>
    zipOf([{ name: 'imsmanifest.xml', data }, ...course().slice(1)])

  const bomb = `<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`
  const outside = '<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
  const manifests: readonly [string, string | Uint8Array, RegExp][] = [
    ['that is empty', '', /not well-formed|empty/],
    ['that is no XML', 'hello', /not well-formed/],
    ['that does not end', '<manifest>', /not well-formed/],
    ['with entities in entities', manifest({ before: bomb, title: '&b;' }), /document type/],
    ['with an entity from a file', manifest({ before: outside, title: '&a;' }), /document type/],
    ['with an entity that nobody knows', manifest({ title: '&b;' }), /not well-formed/],
    ['that is too deep', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`, /deeper than 64/],
    ['of too many elements', `<a>${'<b/>'.repeat(50_001)}</a>`, /more than 50000 elements/],
    ['in another encoding than it says', Buffer.from(manifest({ title: 'Übung' }), 'latin1'), /not written in UTF-8/],
    ['in an encoding that nobody knows', manifest({ before: '<?xml version="1.0" encoding="x-own"?>' }), /x-own/],
    ['with another root', '<course/>', /no manifest/],
  ]
  test.each(manifests)('%s', async (_, data, why) => {
    expect(await refusedFor(withManifest(data))).toMatch(why)
  })

  const resource = (href: string) => `<resource identifier="RES-1" adlcp:scormtype="sco" href="${href}"/>`
  const parts: readonly [string, ManifestParts, RegExp][] = [
    ['of another version', { version: '<metadata><schemaversion>1.1</schemaversion></metadata>' }, /names the version/],
    ['without anything to launch', { items: '', resources: '' }, /nothing that can be launched/],
    ['whose item has no resource', { resources: '' }, /item "ITEM-1" without a resource/],
    ['that launches what is missing', { resources: resource('missing.html') }, /"missing.html", which is not in/],
    ['that launches another host', { resources: resource('https://evil.example/') }, /leads out of the package/],
    ['that launches a script', { resources: resource('javascript:alert(1)') }, /leads out of the package/],
    ['that launches nonsense', { resources: resource('%') }, /not a valid address/],
    [
      'with one identifier for two items',
      { items: '<item identifier="A" identifierref="RES-1"/>'.repeat(2) },
      /one identifier to two items/,
    ],
  ]
  test.each(parts)('%s', async (_, given, why) => {
    expect(await refusedFor(withManifest(manifest(given)))).toMatch(why)
  })

  test('that is missing, or one folder too deep', async () => {
    expect(await refusedFor(zipOf([{ name: 'index.html' }]))).toMatch(/no imsmanifest.xml at its root/)
    const inFolder = course().map((file) => ({ ...file, name: `folder/${String(file.name)}` }))
    expect(await refusedFor(zipOf(inFolder))).toMatch(/pack what is in the folder/)
  })
})

describe('a manifest is understood', () => {
  let own: CourseSite
  beforeAll(async () => {
    own = await openCourseSite()
  })
  afterAll(() => own?.[Symbol.asyncDispose]())
  const understood = async (parts: ManifestParts, more: readonly PackedFile[] = []): Promise<CourseBody> => {
    const response = await own.upload([...course(parts), ...more])
    const body = (await response.json()) as CourseBody
    expect(body).not.toHaveProperty('detail')
    return body
  }

  test.each(['2004 3rd Edition', '2004 4th Edition', 'CAM 1.3'])('of SCORM %s', async (version) => {
    const body = await understood({ version: `<metadata><schemaversion>${version}</schemaversion></metadata>` })
    expect(body.version).toBe('2004')
  })

  test('that says its version by its namespace alone', async () => {
    expect((await understood({ version: '' })).version).toBe('1.2')
  })

  test('with chapters, bases, parameters, launch data and names to be decoded', async () => {
    const body = await understood(
      {
        items: `<item identifier="CHAPTER"><title>One</title><item identifier="A" identifierref="RES-1" parameters="&amp;mode=a#top">
          <title> First
          step </title><adlcp:datafromlms>level=2</adlcp:datafromlms><adlcp:masteryscore>80</adlcp:masteryscore></item></item>`,
        resources: `<resource identifier="RES-1" xml:base="lessons/" adlcp:scormtype="sco" href="%C3%9Cbung%201.html?x=1"/>`,
      },
      [{ name: 'lessons/Übung 1.html'.normalize('NFD'), data: 'x' }],
    )
    const href = 'lessons/%C3%9Cbung%201.html?x=1&mode=a#top'
    expect(body.items).toEqual([{ id: 'A', title: 'First step', href, launchData: 'level=2', masteryScore: '80' }])
  })

  test('whose organization is empty, by its first SCO', async () => {
    const asset = '<resource identifier="FILM" type="webcontent" adlcp:scormtype="asset" href="media/film.mp4"/>'
    const sco = '<resource identifier="RES-1" adlcp:scormtype="sco" href="index.html"/>'
    expect((await understood({ items: '', resources: asset + sco })).items).toMatchObject([{ id: 'RES-1' }])
  })
})

test('an archive whose names begin with ./ is taken, and its items are launched without it', async () => {
  const packed = course({
    resources: '<resource identifier="RES-1" type="webcontent" adlcp:scormtype="sco" href="./index.html"/>',
  }).map((file) => ({ ...file, name: `./${String(file.name)}` }))
  const response = await site.upload([{ name: './', mode: 0o040755 }, ...packed])
  expect(response.status).toBe(201)
  const { items } = (await response.json()) as CourseBody
  expect(items.map((item) => item.href)).toEqual(['index.html'])
})
