import { say } from '../../../locales/say.ts'
import type { Finding } from '../../contract/doctor.ts'
import type { Exchange } from './exchange.ts'
import { about, type Facts, failed, notTried, ok, plain, type Verdict, warning } from './finding.ts'
import { documentOf, type Evidence } from './gather.ts'
import { listAt, textAt } from './json.ts'
import { asWarning, difference, isDocument } from './resource-checks.ts'

type Document = Record<string, unknown>

const places = [
  ['issuer-first', () => say('doctor.signInDescribesItself')],
  ['issuer-second', () => say('doctor.signInDescribesItselfWhere')],
  ['issuer-third', () => say('doctor.signInDescribesItselfWhereFew')],
] as const

const restart = () => say('doctor.quitDrawbridgeAndStartAgain')

/** The document about the authorization server (RFC 8414), and what it must promise. */
export function issuerFindings(evidence: Evidence, facts: Facts): Finding[] {
  const documents = evidence.issuerDocuments.map(documentOf)
  const document = documents.find((one) => one !== null) ?? null
  const when = (judge: (document: Document) => Verdict): Verdict =>
    document === null ? notTried() : judge(document)
  return [
    ...evidence.issuerDocuments.map((exchange, index) => place(exchange, index)),
    plain('issuer', say('doctor.title.issuer'), facts.issuer, issuer(documents, facts)),
    plain(
      'endpoints',
      say('doctor.title.endpoints'),
      facts.origin,
      when((one) => endpoints(one, facts)),
    ),
    plain('pkce', say('doctor.title.pkce'), 'code_challenge_methods_supported', when(pkce)),
    plain('iss', say('doctor.title.iss'), 'authorization_response_iss_parameter_supported', when(iss)),
    plain(
      'auth-methods',
      say('doctor.title.authMethods'),
      'token_endpoint_auth_methods_supported',
      when(methods),
    ),
    plain(
      'introduction',
      say('doctor.title.introduction'),
      say('doctor.sent.introduction'),
      when(introduction),
    ),
  ]
}

/** Clients take the first that is there, so only the first is needed; the others help those that look elsewhere. */
function place(exchange: Exchange, index: number): Finding {
  const [id, title] = places[index]!
  return about(id, title(), exchange, (answer) => {
    const verdict = isDocument(answer)
    return index === 0 ? verdict : asWarning(verdict)
  })
}

/** RFC 8414 §3.3: identical to the issuer it was looked up by, or the document must not be used. */
function issuer(documents: (Document | null)[], facts: Facts): Verdict {
  const there = documents.filter((one) => one !== null)
  if (there.length === 0) return notTried()
  const wrong = there.find((one) => one.issuer !== facts.issuer)
  if (wrong === undefined) return ok(facts.issuer)
  const shown = textAt(wrong, 'issuer') ?? say('doctor.nothing')
  return {
    ...failed(
      'issuer-differs',
      say('doctor.issuerDiffers.message', {
        shown,
        issuer: facts.issuer,
        difference: difference(shown, facts.issuer),
      }),
      say('doctor.issuerDiffers.hint'),
    ),
    received: shown,
  }
}

function endpoints(document: Document, { origin }: Facts): Verdict {
  const needed = ['authorization_endpoint', 'token_endpoint']
  const optional = document.registration_endpoint === undefined ? [] : ['registration_endpoint']
  const wrong = [...needed, ...optional].filter((name) => !textAt(document, name)?.startsWith(`${origin}/`))
  const received = [...needed, ...optional]
    .map((name) => `${name}: ${textAt(document, name) ?? say('doctor.nothing')}`)
    .join('\n')
  if (wrong.length === 0) return ok(received)
  return {
    ...failed(
      'endpoints-elsewhere',
      say('doctor.endpointsElsewhere.message', { wrong: wrong.join(', ') }),
      say('doctor.endpointsElsewhere.hint'),
    ),
    received,
  }
}

/** RFC 7636 §4.2. MCP clients must refuse a server that does not promise it. */
const pkce = (document: Document): Verdict =>
  among(listAt(document, 'code_challenge_methods_supported'), 'S256', () =>
    failed('no-pkce', say('doctor.noPkce.message'), restart()),
  )

/** RFC 9207 §3. */
const iss = (document: Document): Verdict =>
  document.authorization_response_iss_parameter_supported === true
    ? ok('true')
    : {
        ...warning('no-iss', say('doctor.noIss.message'), say('doctor.noIss.hint', { restart: restart() })),
        received: String(document.authorization_response_iss_parameter_supported ?? say('doctor.nothing')),
      }

/** ChatGPT and Claude keep no secret for us (`none`). RFC 8414 §2: left out, it means `client_secret_basic`. */
const methods = (document: Document): Verdict =>
  among(listAt(document, 'token_endpoint_auth_methods_supported'), 'none', () =>
    failed('no-public-clients', say('doctor.noPublicClients.message'), restart()),
  )

function among(given: readonly string[], needed: string, otherwise: () => Verdict): Verdict {
  const received = given.join(', ') || say('doctor.nothing')
  return given.includes(needed) ? ok(received) : { ...otherwise(), received }
}

/** A new app needs one of the two: registration (RFC 7591), or an address at which it describes itself. */
function introduction(document: Document): Verdict {
  const registers = textAt(document, 'registration_endpoint') !== null
  const documents = document.client_id_metadata_document_supported === true
  const received = say('doctor.registration', { registers, documents })
  if (registers && documents) return ok(received)
  if (!registers && !documents)
    return {
      ...failed('no-introduction', say('doctor.noIntroduction.message'), restart()),
      received,
    }
  return {
    ...warning(
      registers ? 'no-client-documents' : 'no-registration',
      registers ? say('doctor.appsDescribeThemselvesBy') : say('doctor.appsHaveBeRegistered'),
      say('doctor.manyAssistantsManageWith', { restart: restart() }),
    ),
    received,
  }
}
