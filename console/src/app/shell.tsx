// The frame of the console: who is at work in which bank, where to go, and what is live.
import {
  ActionIcon,
  Button,
  Center,
  Group,
  Kbd,
  Menu,
  Stack,
  Text,
  Title,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { LogOut, Moon, Search, Sun, User } from 'lucide-react';
import { useEffect } from 'react';
import { openLive, useConnection } from '../api/live.ts';
import { type Session, useMay, useSession, useSignOut } from '../api/session.ts';
import { Loading } from '../parts/states.tsx';
import { KillBadge } from './kill-badge.tsx';
import { openPalette, Palette } from './palette.tsx';
import { type Place, places } from './places.ts';
import { SessionOver } from './signed-in.tsx';
import { useGoKeys } from './go-keys.ts';
import { useIsThere } from './idle.ts';
import './shell.css';

export function Shell() {
  const session = useSession();
  if (session === undefined) return <Loading />;
  return session === null ? <Welcome /> : <Inside session={session} />;
}

/** Nobody is signed in: the way in, and back to the page that was asked for. */
function Welcome() {
  const { href } = useLocation();
  return (
    <Center h="100vh" component="main">
      <Stack align="center" gap="md" maw={360} ta="center">
        <img src="/seal.svg" width={44} height={44} alt="" />
        <Title order={1}>Countersign</Title>
        <Text c="dimmed">AI proposes, policy countersigns, the ledger posts.</Text>
        <Button
          size="sm"
          component="a"
          href={`/auth/sign-in?return=${encodeURIComponent(href)}`}
          autoFocus
        >
          Sign in
        </Button>
      </Stack>
    </Center>
  );
}

function Inside({ session }: { readonly session: Session }) {
  const mayListen = useMay()('policy:read').allowed;
  const isThere = useIsThere();
  useEffect(() => (mayListen && isThere ? openLive() : undefined), [mayListen, isThere]);
  const isCut = useConnection() === 'away';
  const queries = useQueryClient();
  useEffect(() => {
    // A stream ends with the session, among other things: whoever works here is told at once.
    if (isCut) void queries.invalidateQueries({ queryKey: ['session'] });
  }, [isCut, queries]);
  useGoKeys();
  return (
    <div className="shell">
      <a className="skip" href="#main">
        To the content
      </a>
      <Top session={session} />
      <nav className="rail" aria-label="Console">
        {places.map(({ group, places: own }) => (
          <div key={group}>
            <div className="rail-group">{group}</div>
            {own.map((place) => (
              <RailLink key={place.to} place={place} />
            ))}
          </div>
        ))}
      </nav>
      <main className="shell-main" id="main">
        <Outlet />
      </main>
      <Palette />
      <SessionOver />
    </div>
  );
}

function RailLink({ place }: { readonly place: Place }) {
  const { pathname } = useLocation();
  const may = useMay();
  const isHere = place.to === '/' ? pathname === '/' : pathname.startsWith(place.to);
  const closed = place.right && !may(place.right).allowed ? may(place.right).why : undefined;
  const link = (
    <Link
      to={place.to as never}
      className="rail-link"
      data-here={isHere || undefined}
      data-closed={closed !== undefined || undefined}
      aria-current={isHere ? 'page' : undefined}
    >
      <place.icon size={15} aria-hidden />
      <span>{place.name}</span>
      <span className="rail-key" aria-hidden>
        g {place.key}
      </span>
    </Link>
  );
  if (closed === undefined) return link;
  return (
    <Tooltip label={closed} position="right">
      {link}
    </Tooltip>
  );
}

function Top({ session }: { readonly session: Session }) {
  return (
    <header className="top">
      <Link to={'/' as never} className="top-name">
        <img src="/seal.svg" width={20} height={20} alt="" />
        <span>{session.tenant.name}</span>
      </Link>
      <UnstyledButton className="top-search" onClick={openPalette}>
        <Search size={13} aria-hidden />
        <span>Find anything by id, name or reference</span>
        <Kbd size="xs">⌘K</Kbd>
      </UnstyledButton>
      <Group gap={10} wrap="nowrap" ml="auto">
        <KillBadge />
        <Live />
        <SchemeButton />
        <Who session={session} />
      </Group>
    </header>
  );
}

function Live() {
  const connection = useConnection();
  const words = {
    live: 'Live: what happens at the bank is told to this console at once',
    connecting: 'Connecting to the stream of changes',
    away: 'The server cannot be reached; the console tries again by itself',
  }[connection];
  return (
    <Tooltip label={words}>
      <span className="live" data-connection={connection} role="status">
        <span className="live-dot" aria-hidden />
        {connection === 'away' ? 'away' : connection === 'live' ? 'live' : '…'}
      </span>
    </Tooltip>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  return (
    <Tooltip label={`Switch to ${other}`}>
      <ActionIcon onClick={() => setColorScheme(other)} aria-label={`Switch to ${other}`}>
        {other === 'dark' ? <Moon size={15} /> : <Sun size={15} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Who({ session }: { readonly session: Session }) {
  const signOut = useSignOut();
  const roles = session.roles.length === 0 ? 'no role' : session.roles.join(', ');
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton className="top-who" aria-label={`${session.name}, ${roles}`}>
          <User size={15} aria-hidden />
          <span>{session.name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <span className="mono">{session.principal}</span>
          <br />
          {roles} at {session.tenant.id}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={14} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
