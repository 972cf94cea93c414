import * as z from 'zod'
import { ActivityCheck, Call, DiaryDay, Usage } from '../../contract/activity.ts'
import { ErrorReply } from '../../contract/errors.ts'
import { Folder } from '../../contract/folders.ts'
import { Server, ServerHealth, ServerSignIn } from '../../contract/servers.ts'
import { Bridge, Status } from '../../contract/status.ts'
import type { RestRoute } from './rest-route.ts'
import { Health, NewServer, ServerChange } from './rest-routes.ts'

type Json = Record<string, unknown>

export const restBase = '/api/v1'

const ErrorBody = z.object({ error: ErrorReply })

/** Schemas that have a name in the document; the others stand where they are used. */
const named: Record<string, z.ZodType> = {
  ActivityCheck,
  Bridge,
  Call,
  DiaryDay,
  Error: ErrorBody,
  ErrorReply,
  Folder,
  Health,
  NewServer,
  Server,
  ServerChange,
  ServerHealth,
  ServerSignIn,
  Status,
  Usage,
}
const sent = new Set<z.ZodType>([NewServer, ServerChange])

const errors: Record<number, string> = {
  400: 'The request could not be read, or something in it does not fit.',
  401: 'No key, or not the right one.',
  403: 'Addressed to another name, or sent by a foreign page.',
  404: 'There is no such server, folder or call.',
  409: 'Not possible as things are; `code` says why. `needs-owner`: the owner has to look at the draft first.',
  413: 'Larger than 1 MB.',
  415: 'Not `application/json`.',
  500: 'Something went wrong inside Drawbridge.',
}

/** The OpenAPI 3.1 document of these routes, with the contract's own schemas. */
export function openapi(routes: readonly RestRoute[]): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    paths[route.path] ??= {}
    paths[route.path]![route.method] = operation(route)
  }
  paths['/openapi.json'] = {
    get: {
      operationId: 'getOpenApi',
      summary: 'This document',
      responses: responses({ status: 200, description: 'OpenAPI 3.1.', schema: z.looseObject({}) }, []),
    },
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Drawbridge admin interface',
      version: '1.0.0',
      description:
        'For programs on the computer where Drawbridge runs. Servers are added as drafts: nothing is started that the owner has not seen.',
    },
    servers: [{ url: restBase }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'The admin key: `drawbridge admin-key create`, or Settings in the app.',
        },
      },
      schemas: { ...jsonSchemas('output'), ...jsonSchemas('input') },
    },
  }
}

function operation({ operationId, summary, description, path, query, body, ...route }: RestRoute): Json {
  const parameters = [
    ...(path.includes('{id}')
      ? [
          {
            ...{ name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            description: path.startsWith('/activity')
              ? 'The id of a call.'
              : path.startsWith('/events')
                ? 'The id of an event.'
                : path.startsWith('/folders')
                  ? 'The id or the name of a folder.'
                  : 'The id or the short name (`slug`) of a server.',
          },
        ]
      : []),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
      ...{ name, in: 'query', required: false, schema: jsonSchema(schema as z.ZodType, 'input') },
    })),
  ]
  const wrong = [...route.errors, ...(query ? [400] : []), ...(body ? [400, 413, 415] : [])]
  return {
    operationId,
    summary,
    ...(description && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: json(body, 'input', route.bodyTypes) },
    }),
    responses: responses(route.answer, wrong, route.streams),
  }
}

function responses(
  answer: RestRoute['answer'],
  wrong: readonly number[],
  streams?: RestRoute['streams'],
): Json {
  const statuses = [...new Set([401, 403, 500, ...wrong])].sort()
  return {
    [answer.status]: {
      description: answer.description,
      ...(answer.schema && { content: json(answer.schema, 'output') }),
      ...(streams && {
        content: Object.fromEntries(streams.map((type) => [type, { schema: { type: 'string' } }])),
      }),
    },
    ...Object.fromEntries(
      statuses.map((status) => [status, { description: errors[status], content: json(ErrorBody, 'output') }]),
    ),
  }
}

const json = (schema: z.ZodType, io: 'input' | 'output', more: readonly string[] = []): Json =>
  Object.fromEntries(['application/json', ...more].map((type) => [type, { schema: jsonSchema(schema, io) }]))

const reference = (name: string): string => `#/components/schemas/${name}`

const registryOf = (schemas: Record<string, z.ZodType>) => {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  return registry
}

function jsonSchemas(io: 'input' | 'output'): Record<string, Json> {
  const wanted = Object.entries(named).filter(([, schema]) => sent.has(schema) === (io === 'input'))
  const { schemas } = z.toJSONSchema(registryOf(Object.fromEntries(wanted)), { io, uri: reference })
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema)]))
}

/** A reference where the schema has a name, else the schema, which refers to those that have one. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const name = Object.entries(named).find(([, one]) => one === schema)?.[0]
  if (name) return { $ref: reference(name) }
  const registry = registryOf({ ...named, ' here': schema })
  return bare(z.toJSONSchema(registry, { io, uri: reference }).schemas[' here']!)
}

/** The document says both of these once for all. */
const bare = ({ $schema: _dialect, $id: _place, ...schema }: Json): Json => schema
