"""Awesome Support's settings as its REST API gives them, and the fields that tickets may carry. Facts, no behaviour."""

from __future__ import annotations

from typing import Any

from companion.sandbox.helpdesk import Helpdesk
from companion.sandbox.helpdesk_access import CHANNELS
from companion.sandbox.helpdesk_records import Ticket

_ON = (
    "hide_closed", "show_count", "allow_user_to_close_tickets", "enable_notification_button",
    "ticket_detail_show_toolbar", "theme_stylesheet", "frontend_wysiwyg_editor", "use_autolinker",
    "use_email_template", "enable_confirmation", "enable_assignment", "enable_reply_agent", "enable_reply_client",
    "enable_closed", "enable_closed_client", "enable_attachments", "agent_can_set_auto_delete_attachments",
)  # fmt: skip
_OFF = (
    "support_staff_select2_enabled", "hide_closed_fe", "hide_ticket_id_title_fe", "credit_link",
    "remove_admin_ratings_request", "agents_can_suppress_closing_emails", "ajax_upload", "ajax_upload_all",
    "ajax_upload_paste_image", "ajax_upload_paste_image_all", "agents_can_delete_attachments",
    "users_can_delete_attachments", "auto_delete_attachments", "user_can_set_auto_delete_attachments",
    "importer_id_enable", "importer_id_show_in_tkt_list", "unmask_attachment_links", "secure_cookies",
    "cookie_http_only", "delete_data",
)  # fmt: skip
_EMPTY = (
    "assignee_default", "logout_redirect_fe", "new_ticket_redirect_fe", "new_ticket_form_redirect_fe",
    "email_template_footer", "content_confirmation", "content_assignment", "content_reply_agent",
    "content_reply_client", "content_closed", "content_closed_client", "login_page",
    "htaccess_contents_for_attachment_folders", "log_file_location_absolute",
)  # fmt: skip
_TEXTS = {
    "replies_order": "ASC", "replies_per_page": "10", "old_ticket": "10", "tickets_per_page_front_end": "5",
    "ticket_submit": "11", "ticket_list": "10", "theme": "default", "theme_overlay": "style.css", "color_open":
    "#81d742", "gas_color_closed": "#dd3333", "color_old": "#dd9933", "color_awaiting_reply": "#0074a2",
    "color_ticket_template_type": "#1383D9", "color_queued": "#1e73be", "color_processing": "#a01497",
    "color_hold": "#b56629", "attachments_max": "2", "filesize_max": "2", "ticket_topic_slug": "ASC",
    "attachment_render_method": "inline", "select2_version": "select2-4-0-5", "select2_js_file": "partial-min",
    "select2_css_file": "min", "load_bs4_files_fe": "0", "load_bs4_files_be": "0", "bs4_theme": "default",
    "log_file_location": "0",
}  # fmt: skip
_WORDED = {
    "attachments_filetypes": "jpg,jpeg,png,gif,pdf,zip",
    "importer_id_label": "ID",
    "notifications_button_label": "Notifications",
    "notifications_button_msg": "<p>Mail is sent for this ticket.</p>\n",
    "subject_assignment": "Ticket #{ticket_id}",
    "subject_closed": "Closed: {ticket_title}",
    "subject_closed_client": "Closed: {ticket_title}",
    "subject_confirmation": "Received: {ticket_title}",
    "subject_reply_agent": "Reply: {ticket_title}",
    "subject_reply_client": "Ticket #{ticket_id}",
}


def settings_of(desk: Helpdesk, shop_name: str, mail: str) -> dict[str, Any]:
    """Every setting. Of these the sandbox minds two: who sees all tickets."""
    return {
        **dict.fromkeys(_ON, True),
        **dict.fromkeys(_OFF, False),
        **dict.fromkeys(_EMPTY, ""),
        **_TEXTS,
        **_WORDED,
        "email_template_header": f"<p>{shop_name}</p>\n",
        "sender_name": shop_name,
        "sender_email": mail,
        "reply_email": mail,
        "admin_see_all": desk.admin_see_all,
        "agent_see_all": desk.agent_see_all,
    }


def custom_fields(desk: Helpdesk, ticket: Ticket | None) -> dict[str, Any]:
    """The fields of a ticket, or of one still to be written, each with the form that WordPress prints for it."""
    of_customer, of_agents = desk.counted(ticket) if ticket else (0, 0)
    counts = (str(of_customer), str(of_customer + of_agents)) if ticket else ("", "")
    options = "".join(f'<option value="{term}">{name}</option>' for term, name in CHANNELS.items())
    return {
        "ticket-tag": _field("ticket-tag", "Tag", "", "<select></select>"),
        "ticket_channel": _field("ticket_channel", "Channel", "", f"<select>{options}</select>"),
        "ttl_replies_by_customer": _field("ttl_replies_by_customer", "Number of Replies By Customer", counts[0]),
        "ttl_replies": _field("ttl_replies", "Total Replies On Ticket", counts[1]),
        "time_notes": _field("time_notes", "Notes", ticket.time_notes if ticket else "", "<textarea></textarea>"),
    }


def _field(key: str, name: str, value: str, control: str = "<input readonly>") -> dict[str, str]:
    return {"name": name, "value": value, "markup": f'<div id="wpas_{key}_wrapper">{control}</div>'}
