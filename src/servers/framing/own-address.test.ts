import { expect, it } from 'vitest'
import { atHome } from './own-address.ts'

it.each([
  ['https://a.example/mcp', '/mcp/', 'https://a.example/mcp/'],
  ['https://a.example/mcp', 'http://a.example/mcp/?x=1', 'https://a.example/mcp/?x=1'],
  ['https://a.example/sse', 'http://a.example/messages?id=1', 'https://a.example/messages?id=1'],
  ['https://a.example:8443/mcp', 'http://a.example:8443/mcp/', 'https://a.example:8443/mcp/'],
  ['https://a.example/mcp', 'http://a.example:8080/mcp/', 'https://a.example/mcp/'],
  ['http://127.0.0.1:3000/sse', 'http://localhost:3000/messages', 'http://127.0.0.1:3000/messages'],
  ['http://box.example:3000/sse', 'http://0.0.0.0:3000/messages', 'http://box.example:3000/messages'],
  ['http://box.example:3000/sse', 'http://localhost:3000/messages', 'http://box.example:3000/messages'],
])('a server at %s that says %s means %s', (from, said, to) => {
  expect(atHome(said, new URL(from))?.href).toBe(to)
})

it.each([
  ['https://a.example/mcp', 'https://b.example/mcp/'],
  ['https://a.example/mcp', '//b.example/mcp/'],
  ['https://a.example/mcp', 'http://b.example/mcp/'],
  ['https://a.example/mcp', 'https://user:pw@a.example/mcp/'],
  ['https://a.example/mcp', 'https://a.example:8443/mcp/'],
  ['https://a.example/mcp', 'http://a.example:8080/login'],
  ['https://a.example/mcp', 'http://localhost:8080/mcp/'],
  ['http://a.example/mcp', 'https://a.example/mcp'],
  ['http://127.0.0.1:3000/mcp', 'http://127.0.0.1:4000/mcp/'],
  ['http://127.0.0.1:3000/mcp', 'https://0.0.0.0:3000/mcp/'],
  ['https://a.example/mcp', 'http://['],
])('a server at %s that says %s leads elsewhere', (from, said) => {
  expect(atHome(said, new URL(from))).toBeNull()
})
