// The database's structure as text, written from the catalogs in a stable order: schema.sql.
import type pg from 'pg';

type Section = { readonly title: string; readonly sql: string };

/** Everything but the system's own. Used as `where ${own('n')}` over pg_namespace as `n`. */
function own(alias: string): string {
  return `${alias}.nspname !~ '^pg_' and ${alias}.nspname <> 'information_schema'`;
}

/** A schema without objects of ours says nothing: `public` as PostgreSQL made it is left out. */
const notPublic = `n.nspname <> 'public'`;

/** Who may do what: an owner's own rights go without saying. */
function grants({
  kind,
  name,
  column,
  acl,
  owner,
  from,
}: {
  kind: string;
  name: string;
  column?: string;
  acl: string;
  owner: string;
  from: string;
}): string {
  const privilege = `lower(a.privilege_type)${column ? ` || format(' (%I)', ${column})` : ''}`;
  return `
    with granted as (
      select ${kind} || ' ' || ${name} as object,
             case a.grantee when 0 then 'public' else a.grantee::regrole::text end as grantee,
             case when a.is_grantable then ' with grant option' else '' end as option,
             string_agg(${privilege}, ', ' order by ${privilege}) as privileges
        from ${from} cross join lateral aclexplode(${acl}) a
       where ${own('n')} and ${notPublic} and a.grantee <> ${owner}
       group by 1, 2, 3)
    select format(E'grant %s on %s\n  to %s%s;', privileges, object,
             string_agg(grantee, ', ' order by grantee collate "C"), option) as text
      from granted group by object, privileges, option
     order by object collate "C", privileges collate "C", option`;
}

const relation = `format('%I.%I', n.nspname, c.relname)`;
const relations = 'pg_class c join pg_namespace n on n.oid = c.relnamespace';
const routineArguments = 'pg_get_function_identity_arguments(p.oid)';
const routine = `format('%I.%I(%s)', n.nspname, p.proname, ${routineArguments})`;
const routines = 'pg_proc p join pg_namespace n on n.oid = p.pronamespace';

const columns = `
  select string_agg(format('  %I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
           case when a.attcollation <> t.typcollation
                then (select format(' collate %I', collname) from pg_collation
                       where oid = a.attcollation) else '' end,
           case when a.attnotnull then ' not null' else '' end,
           case when a.attidentity <> ''
                then format(' generated %s as identity',
                       case a.attidentity when 'a' then 'always' else 'by default' end)
                when a.attgenerated <> ''
                then format(' generated always as (%s) %s', pg_get_expr(d.adbin, d.adrelid),
                       case a.attgenerated when 's' then 'stored' else 'virtual' end)
                when d.adbin is not null
                then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end),
           E',\\n' order by a.attnum)
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`;

// NOT NULL stands with its column; a constraint inherited from a parent stands with the parent.
const constraints = `
  select string_agg(format(E',\\n  constraint %I %s', k.conname, pg_get_constraintdef(k.oid)), ''
           order by k.contype <> 'p', k.conname)
    from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n' and k.conislocal`;

const sections: readonly Section[] = [
  {
    title: 'Extensions',
    sql: `select format('create extension %I;', extname) as text
            from pg_extension where extname <> 'plpgsql' order by extname`,
  },
  {
    title: 'Schemas',
    sql: `select format('create schema %I authorization %s;', n.nspname,
                   n.nspowner::regrole) as text
            from pg_namespace n where ${own('n')} and ${notPublic} order by n.nspname`,
  },
  {
    title: 'Types',
    sql: `select case t.typtype
              when 'e' then format('create type %I.%I as enum (%s);', n.nspname, t.typname,
                (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder)
                   from pg_enum where enumtypid = t.oid))
              when 'c' then format('create type %I.%I as (%s);', n.nspname, t.typname,
                (select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', '
                          order by attnum)
                   from pg_attribute where attrelid = t.typrelid and not attisdropped))
              else format('create domain %I.%I as %s%s;', n.nspname, t.typname,
                format_type(t.typbasetype, t.typtypmod),
                (select string_agg(format(' constraint %I %s', conname,
                          pg_get_constraintdef(k.oid)), '' order by conname)
                     from pg_constraint k where k.contypid = t.oid))
            end as text
            from pg_type t join pg_namespace n on n.oid = t.typnamespace
            left join pg_class c on c.oid = t.typrelid
           where ${own('n')} and (t.typtype in ('e', 'd') or c.relkind = 'c')
           order by n.nspname, t.typname`,
  },
  {
    title: 'Sequences',
    sql: `select format('create sequence %s as %s start %s increment %s minvalue %s maxvalue %s '
                   'cache %s%s;', ${relation}, format_type(s.seqtypid, null), s.seqstart,
                   s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
                   case when s.seqcycle then ' cycle' else '' end) as text
            from ${relations} join pg_sequence s on s.seqrelid = c.oid
           where ${own('n')}
             and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i')
           order by n.nspname, c.relname`,
  },
  {
    title: 'Tables',
    sql: `select format(E'create %stable %s (\\n%s%s\\n)%s%s%s;\\nalter table %s owner to %s;%s%s',
                   case c.relpersistence when 'u' then 'unlogged ' else '' end, ${relation},
                   (${columns}), (${constraints}),
                   (select format(' inherits (%s)', i.inhparent::regclass) from pg_inherits i
                     where i.inhrelid = c.oid and not c.relispartition),
                   case when c.relkind = 'p'
                        then format(' partition by %s', pg_get_partkeydef(c.oid)) else '' end,
                   case when c.reloptions is null then ''
                        else format(' with (%s)', array_to_string(c.reloptions, ', ')) end,
                   ${relation}, c.relowner::regrole,
                   case when c.relispartition
                        then (select format(E'\\nalter table %s attach partition %s %s;',
                                i.inhparent::regclass, ${relation},
                                pg_get_expr(c.relpartbound, c.oid))
                                from pg_inherits i where i.inhrelid = c.oid) else '' end,
                   case when c.relrowsecurity
                        then format(E'\\nalter table %s enable row level security;', ${relation})
                        else '' end
                   || case when c.relforcerowsecurity
                        then format(E'\\nalter table %s force row level security;', ${relation})
                        else '' end) as text
            from ${relations} where c.relkind in ('r', 'p') and ${own('n')}
           order by n.nspname, c.relname`,
  },
  {
    title: 'Indexes',
    // Those of primary keys and unique constraints stand with their tables.
    sql: `select pg_get_indexdef(c.oid) || ';' as text
            from ${relations} join pg_index i on i.indexrelid = c.oid
           where ${own('n')}
             and not exists (select from pg_constraint k where k.conindid = c.oid
                              and k.contype in ('p', 'u', 'x'))
           order by n.nspname, c.relname`,
  },
  {
    title: 'Views',
    sql: `select format(E'create %sview %s%s as\\n%s\\nalter %sview %s owner to %s;',
                   case c.relkind when 'm' then 'materialized ' else '' end, ${relation},
                   case when c.reloptions is null then ''
                        else format(' with (%s)', array_to_string(c.reloptions, ', ')) end,
                   pg_get_viewdef(c.oid, true),
                   case c.relkind when 'm' then 'materialized ' else '' end, ${relation},
                   c.relowner::regrole) as text
            from ${relations} where c.relkind in ('v', 'm') and ${own('n')}
           order by n.nspname, c.relname`,
  },
  {
    title: 'Functions and procedures',
    sql: `select format(E'%s;\\nalter %s %s owner to %s;', rtrim(pg_get_functiondef(p.oid), E'\\n'),
                   case p.prokind when 'p' then 'procedure' else 'function' end, ${routine},
                   p.proowner::regrole) as text
            from ${routines} where ${own('n')} and p.prokind in ('f', 'p', 'w')
             and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
           order by n.nspname, p.proname, ${routineArguments}`,
  },
  {
    title: 'Triggers',
    sql: `select pg_get_triggerdef(t.oid) || ';' as text
            from pg_trigger t join pg_class c on c.oid = t.tgrelid
            join pg_namespace n on n.oid = c.relnamespace
           where ${own('n')} and not t.tgisinternal order by n.nspname, c.relname, t.tgname`,
  },
  {
    title: 'Row-level security policies',
    sql: `select format('create policy %I on %I.%I as %s for %s to %s%s%s;', policyname, schemaname,
                   tablename, lower(permissive), lower(cmd), array_to_string(roles, ', '),
                   E'\\n  using (' || qual || ')',
                   E'\\n  with check (' || with_check || ')') as text
            from pg_policies order by schemaname, tablename, policyname`,
  },
  {
    title: 'Grants on schemas',
    sql: grants({
      kind: `'schema'`,
      name: `format('%I', n.nspname)`,
      acl: 'n.nspacl',
      owner: 'n.nspowner',
      from: 'pg_namespace n',
    }),
  },
  {
    title: 'Grants on tables, views and sequences',
    sql: grants({
      kind: `case c.relkind when 'S' then 'sequence' else 'table' end`,
      name: relation,
      acl: 'c.relacl',
      owner: 'c.relowner',
      from: relations,
    }),
  },
  {
    title: 'Grants on columns',
    sql: grants({
      kind: `'table'`,
      name: relation,
      column: 't.attname',
      acl: 't.attacl',
      owner: 'c.relowner',
      from: `${relations} join pg_attribute t on t.attrelid = c.oid`,
    }),
  },
  {
    title: 'Grants on functions and procedures',
    // Without a list of its own a routine has the default one: everybody may execute it.
    sql: grants({
      kind: `case p.prokind when 'p' then 'procedure' else 'function' end`,
      name: routine,
      acl: `coalesce(p.proacl, acldefault('f', p.proowner))`,
      owner: 'p.proowner',
      from: routines,
    }),
  },
];

export async function dumpSchema(client: pg.ClientBase): Promise<string> {
  // An empty search path makes the catalogs' functions qualify every name.
  const before = (await client.query(`select current_setting('search_path') as path`)).rows[0].path;
  await client.query(`select set_config('search_path', '', false)`);
  try {
    let text = '-- The schema after all migrations, for reading and for review. Generated.\n';
    for (const { title, sql } of sections) {
      const { rows: found } = await client.query<{ text: string }>(sql);
      const rows = found.map((row) => row.text);
      if (rows.length === 0) continue;
      text += `\n-- ${`${title} `.padEnd(97, '-')}\n\n${rows.join(between(rows))}\n`;
    }
    return text;
  } finally {
    await client.query(`select set_config('search_path', $1, false)`, [before]);
  }
}

/** One-liners stand close together. */
function between(rows: readonly string[]): string {
  return rows.some((row) => row.includes('\n')) ? '\n\n' : '\n';
}
